/** A value of a setting as `config set` takes it back: a list with commas, everything else as it is. */
export const settingText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(',') : String(value);
