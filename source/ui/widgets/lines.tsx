import { Box, Text } from 'ink';
import { memo, type ReactNode } from 'react';

/** One finished line. A blank one keeps its place: Ink gives an empty text no height. */
export const Line = memo(({ text }: { text: string }): ReactNode => (
  <Text wrap="truncate">{text === '' ? ' ' : text}</Text>
));

/**
 * Lines below each other, each as one text: a cell for each column would cost 10 to 20 times as much in layout
 * (measured). A line that did not change is not rendered again.
 */
export const Lines = memo(({ lines }: { lines: readonly string[] }): ReactNode => (
  <Box flexDirection="column" flexShrink={0}>
    {lines.map((text, index) => (
      // oxlint-disable-next-line react/no-array-index-key -- a line is its place on the screen
      <Line key={index} text={text} />
    ))}
  </Box>
));
