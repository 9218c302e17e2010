/** Words with `code` between backticks, as texts may hold it. */
export function Coded({ text }: { readonly text: string }) {
  return text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
