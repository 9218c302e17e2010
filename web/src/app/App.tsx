import { useEffect } from "react";
import { Problem } from "../api/problem";
import { useServices } from "../api/queries";
import { ProblemBox } from "../elements/Problem";
import { useAddress } from "../state/address";
import { useAskForKey } from "../state/asking";
import { useSpeech } from "../state/language";
import { Header } from "./Header";
import { EmptyHouse, Overview, OverviewSkeleton } from "./Overview";
import { Rail } from "./Rail";
import { ServicePage } from "./ServicePage";

export function App() {
  const { texts, say } = useSpeech();
  const { service: chosen } = useAddress();
  const services = useServices();
  const askForKey = useAskForKey();
  const stranger = services.error instanceof Problem && services.error.status === 401;
  const retry = () => void (stranger ? askForKey() : services.refetch());
  const known = services.data?.find((service) => service.name === chosen);
  const title = known ? `${say(known.title)} · Salus` : "Salus";
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <>
      <a className="skip" href="#content">
        {texts.header.skip}
      </a>
      <Header />
      <main id="content" className={chosen === null ? "page" : "page with-rail"} tabIndex={-1}>
        {services.isPending && <OverviewSkeleton />}
        {services.isError && <ProblemBox error={services.error} onRetry={retry} />}
        {services.data && services.data.length === 0 && <EmptyHouse />}
        {services.data && services.data.length > 0 && (
          <>
            {chosen === null ? (
              <Overview services={services.data} />
            ) : (
              <>
                <Rail services={services.data} chosen={chosen} />
                {known ? <ServicePage key={chosen} summary={known} /> : <UnknownService />}
              </>
            )}
          </>
        )}
      </main>
    </>
  );
}

function UnknownService() {
  const { texts } = useSpeech();
  return (
    <section className="blank">
      <h1>{texts.service.unknown}</h1>
      <p>{texts.service.unknownNext}</p>
    </section>
  );
}
