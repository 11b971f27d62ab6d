// What credentials look like where they should not be: keys of the providers (sk-ant-…, sk-proj-…, sk-…), our own (ccr_…), JSON web
// tokens, and whatever follows the word Bearer.
const tokens =
  /(?<![a-z0-9-])(?:sk-|ccr_)[A-Za-z0-9_-]{16,}|(?<![a-z0-9-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|(?<=\bbearer(?:\s|%20|\+))[^\s"'&]{8,}/gi;

/** No credential is shorter; `/v1/messages` is. */
const shortest = 14;

/** The text with everything shaped like a credential replaced by `[secret]`; for text from outside that is kept. */
export const maskTokens = (text: string): string =>
  text.length < shortest ? text : text.replace(tokens, '[secret]');
