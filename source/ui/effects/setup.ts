import { sanitize } from '../../shared/sanitize.ts';
import { withKey } from '../keymap.ts';
import { openClientKeys } from '../overlays/client-keys.ts';
import { connectSteps } from '../overlays/connect-steps.ts';
import { importSteps } from '../overlays/import-steps.ts';
import { openMenu } from '../overlays/menu.ts';
import { openStepPage } from '../overlays/step-page.ts';
import type { EffectContext, Effects } from './effect.ts';

/** Where is done what is not done here; safe on a terminal. */
const placeOf = ({ session }: EffectContext): string =>
  session.host === undefined ? 'another shell' : `${sanitize(session.host, 60)} itself`;

/** That something that touches this machine is not done here, and where it is: `words` is the command for it. It is to be read at 60 columns. */
const elsewhere = (context: EffectContext, words: string): string => {
  const { session, keys } = context;
  if (session.state().demo === true) {
    const way = withKey(keys, 'quit', (key) => ` with ${key}`);
    return `not in the demo: leave it${way} and start ccr-tui`;
  }
  return `not from here; in ${placeOf(context)}: ${words}`;
};

/** What Claude Code would meet at this proxy as it stands; null when there is somebody to serve it. */
const lacksAccounts = ({ session, keys }: EffectContext): string | null => {
  if (session.state().accounts.length > 0) return null;
  const way = withKey(keys, 'account.add', (key) => ` (Esc, then ${key})`);
  return `No account yet: Claude Code will be refused until one is added${way}.`;
};

/** Asks from where, then shows what would happen. */
const importAccounts = async (context: EffectContext): Promise<void> => {
  const { imports } = context.outside;
  if (imports === undefined) {
    return context.tell(elsewhere(context, 'ccr-tui import claude-code'));
  }
  const sources = await imports.sources();
  const openSource = (source: (typeof sources)[number]): void =>
    context.open((given) => {
      const page = { title: `Import from ${source.title}`, busy: 'Looking at what is there…' };
      return openStepPage(given, page, () => importSteps(imports, source));
    });
  const entries = sources.map((source) => ({
    word: source.title,
    does: `ccr-tui import ${source.from}`,
    run: () => openSource(source),
  }));
  context.open((given) =>
    openMenu(given, { title: 'Import accounts', entries, enter: 'look', opener: 'account.import' }),
  );
};

/** What keys do for a start: what has to be there before anything is served. */
export const setupEffects = (context: EffectContext): Effects => {
  const { session } = context;
  const told = (error: unknown): void => context.tell(context.explain(error));
  const showKeys = (): void =>
    context.open((given) =>
      openClientKeys(given, {
        open: (make) => context.open(make),
        again: showKeys,
        place: placeOf(context),
      }),
    );
  return {
    'account.import': () => void importAccounts(context).catch(told),
    'key.list': showKeys,
    'client.write': () => {
      const { connectsClient } = context.outside;
      if (connectsClient === undefined) {
        return context.tell(elsewhere(context, 'ccr-tui connect claude-code'));
      }
      const page = { title: 'Connect Claude Code', busy: 'Looking at its settings…' };
      context.open((given) =>
        openStepPage(given, page, () => connectSteps(connectsClient, lacksAccounts(context))),
      );
    },
    'demo.show': () => {
      const { demo, accounts } = session.state();
      if (demo === true) return context.tell('this is the demo');
      // A slip of the finger beside the real thing is no reason to leave it.
      if (accounts.length > 0) {
        return context.tell('the demo is for a start without accounts: ccr-tui --demo in another shell');
      }
      context.demo().then(() => {}, told);
    },
  };
};
