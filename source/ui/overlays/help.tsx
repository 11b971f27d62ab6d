import { Box, Text } from 'ink';
import type { PropsWithChildren, ReactNode } from 'react';
import type { Size } from '../layout.ts';
import type { Theme } from '../theme.ts';
import { InkTable } from '../widgets/ink-table.ts';
import { helpRows } from './help-rows.ts';

const text = (children: ReactNode): string => (typeof children === 'string' ? children : '');

const asciiBorder = (border: string): string =>
  border
    .replaceAll('─', '-')
    .replaceAll('│', '|')
    .replaceAll(/[^\x20-\x7e]/g, '+');

/** ink-table colours its header with chalk, which does not honour NO_COLOR; its parts in our theme do. */
const partsFor = (theme: Theme) => {
  const plain = theme.text('─') !== '─';
  return {
    header: ({ children }: PropsWithChildren) => <Text>{theme.paint('strong', text(children))}</Text>,
    cell: ({ children }: PropsWithChildren) => <Text>{text(children)}</Text>,
    skeleton: ({ children }: PropsWithChildren) => (
      <Text>{theme.paint('faint', plain ? asciiBorder(text(children)) : text(children))}</Text>
    ),
  };
};

/** All keys, from the action table, as a table; for terminals in which it has room between header and footer. */
export const HelpTable = ({ theme, layout }: { theme: Theme; layout: Size }): ReactNode => (
  <Box height={layout.rows - 2} flexDirection="column">
    <InkTable
      data={helpRows.map((row) => ({ ...row }))}
      columns={['keys', 'where', 'does']}
      {...partsFor(theme)}
    />
  </Box>
);
