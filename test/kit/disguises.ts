/** A marker as it would look by itself, in base64, in hexadecimal or in UTF-16: what to search for in bytes. */
export const disguises = (marker: string): Buffer[] => [
  Buffer.from(marker),
  ...[0, 1, 2].map((skip) =>
    // The middle of a base64 text depends only on how the bytes before it are aligned.
    Buffer.from(
      Buffer.from(' '.repeat(skip) + marker)
        .toString('base64')
        .slice(skip === 0 ? 0 : 4, -4),
    ),
  ),
  Buffer.from(Buffer.from(marker).toString('hex')),
  Buffer.from(marker, 'utf16le'),
];

/** Whether the marker stands in the bytes, in any of its disguises. */
export const holds = (bytes: Buffer | string, marker: string): boolean => {
  const haystack = Buffer.from(bytes);
  return disguises(marker).some((disguise) => haystack.includes(disguise));
};
