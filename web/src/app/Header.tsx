import { Icon } from "../elements/Icon";
import { addressWith, goTo, type Language } from "../state/address";
import { useAskForKey } from "../state/asking";
import { useKey } from "../state/key";
import { chooseLanguage, useSpeech } from "../state/language";
import { useTheme } from "../state/theme";
import { followLink } from "./links";

const LANGUAGES: readonly (readonly [Language, string, string])[] = [
  ["en", "English", "en"],
  ["zh", "中文", "zh-Hans"],
];

export function Header() {
  const { texts, language } = useSpeech();
  const [theme, chooseTheme] = useTheme();
  const askForKey = useAskForKey();
  const key = useKey();
  const home = { service: null, view: "try", job: null } as const;
  return (
    <header className="bar">
      <a
        className="wordmark"
        href={addressWith(home)}
        onClick={followLink(() => goTo(home))}
        aria-label={texts.header.home}
      >
        <svg viewBox="0 0 44 20" width="44" height="20" aria-hidden="true">
          <path d="M2 4v12M42 4v12M2 10h40" />
          <circle cx="27" cy="10" r="6" />
        </svg>
        Salus
      </a>
      <div className="bar-controls">
        <div className="switch" role="group" aria-label={texts.header.language}>
          {LANGUAGES.map(([code, name, tag]) => (
            <button
              key={code}
              type="button"
              lang={tag}
              aria-pressed={language === code}
              onClick={() => chooseLanguage(code)}
            >
              {name}
            </button>
          ))}
        </div>
        <button type="button" className="quiet" onClick={() => chooseTheme(theme === "dark" ? "light" : "dark")}>
          <Icon name={theme === "dark" ? "sun" : "moon"} />
          {theme === "dark" ? texts.header.toLight : texts.header.toDark}
        </button>
        <button type="button" className="quiet" onClick={() => void askForKey()}>
          <Icon name="key" filled={key !== null} />
          {key === null ? texts.header.keyUnset : texts.header.keySet}
        </button>
      </div>
    </header>
  );
}
