/** Whether the text is these parts with anything between them. Walks over it once: no pattern can make it slow. */
const isMadeOf = (text: string, parts: readonly string[]): boolean => {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
};

/** Whether a model fits one of the patterns, in which `*` stands for any text; everything fits null. */
export const modelTest = (patterns: readonly string[] | null): ((model: string) => boolean) => {
  if (patterns === null) return () => true;
  const split = patterns.map((pattern) => pattern.split('*'));
  return (model) => split.some((parts) => isMadeOf(model, parts));
};

/** One for each list: asked for every request, and made of the patterns once. */
const tests = new WeakMap<readonly string[], (model: string) => boolean>();

/** `modelTest` for lists that stay as they are. */
export const fitsModel = (patterns: readonly string[], model: string): boolean => {
  const test = tests.get(patterns) ?? modelTest(patterns);
  tests.set(patterns, test);
  return test(model);
};
