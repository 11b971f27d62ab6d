declare module 'parse-prometheus-text-format' {
  /** One object for each family, in the order of the text. */
  const parse: (text: string) => unknown[];
  export default parse;
}
