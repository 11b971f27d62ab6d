/** The system's word for what went wrong (`ENOENT`, …); `otherwise` for an error that has none. */
export const systemCode = (error: unknown, otherwise = 'error'): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : otherwise;
