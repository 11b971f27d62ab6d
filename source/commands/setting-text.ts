/** A value of a setting as `config set` takes it back: a list of words with commas, one of objects as JSON. */
export const settingText = (value: unknown): string => {
  if (!Array.isArray(value)) return String(value);
  return value.some((item) => typeof item === 'object') ? JSON.stringify(value) : value.map(String).join(',');
};
