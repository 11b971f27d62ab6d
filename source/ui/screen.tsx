import { Box, useInput, usePaste } from 'ink';
import { useSyncExternalStore, type ReactNode } from 'react';
import { HelpTable } from './overlays/help.tsx';
import type { ScreenModel } from './screen-model.ts';
import { Line, Lines } from './widgets/lines.tsx';

/** The whole screen. It places the lines of the model's frame and hands it every key: it decides nothing itself. */
export const Screen = ({ model }: { model: ScreenModel }): ReactNode => {
  const frame = useSyncExternalStore(model.subscribe, model.frame);
  useInput(model.press);
  // Asks the terminal to mark pasted text as such: its letters are never keys.
  usePaste(model.paste);
  const { layout, help, helpTable, dialog, header, banner, accounts, requests, log, prompt, footer } = frame;
  if (layout.kind === 'small') return <Line text={header} />;
  return (
    <Box flexDirection="column" height={layout.rows} overflow="hidden">
      <Line text={header} />
      <Lines lines={banner} />
      {helpTable ? (
        <HelpTable theme={model.theme()} layout={layout} />
      ) : (
        <Lines lines={help ?? dialog ?? []} />
      )}
      <Lines lines={accounts} />
      <Lines lines={requests} />
      <Lines lines={log} />
      {prompt === null ? null : <Line text={prompt} />}
      <Line text={footer} />
    </Box>
  );
};
