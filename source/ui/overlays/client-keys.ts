import type { ClientKeyView } from '../../shared/client-key.ts';
import { systemClock } from '../../shared/clock.ts';
import { asCcrError } from '../../shared/errors.ts';
import type { EpochMs } from '../../shared/types.ts';
import { sanitize } from '../../shared/sanitize.ts';
import type { Dialog, DialogContext } from '../dialog.ts';
import { closesOpen, moveHint, type KeyHint } from '../keymap.ts';
import { scrollTo, type Size } from '../layout.ts';
import { paragraph, titleLine } from '../line.ts';
import { movedBy } from '../moves.ts';
import type { ClientKeyMaker } from '../outside.ts';
import type { Theme } from '../theme.ts';
import { keyHeading, keyLine } from './client-key-lines.ts';
import { openConfirm } from './confirm.ts';
import { openCreateClientKey } from './create-client-key.ts';
import { openKeyCreated } from './key-created.ts';

export type ClientKeysOptions = {
  /** Opens another dialog in the place of this one. */
  open(make: (context: DialogContext) => Dialog): void;
  /** The list again. */
  again(): void;
  /** Where keys are created and revoked when that is not done here: `another shell`. Safe on a terminal. */
  place: string;
};

const isDemo = ({ state }: DialogContext): boolean => state().demo === true;

/** That a screen which makes no keys does not do this, and where it is done; a demo has nothing else to lead to. */
const notHere = (context: DialogContext, { place }: ClientKeysOptions, command: string): string =>
  isDemo(context) ? 'not in the demo' : `not from here; in ${place}: ccr-tui key ${command}`;

/** In place of a list of none: what that means for clients, and how one comes about. */
const noneText = (context: DialogContext, { place }: ClientKeysOptions): string => {
  if (context.outside.clientKeys !== undefined) {
    return 'No key yet: a creates one. Until then clients are let in without one.';
  }
  return isDemo(context)
    ? 'No key in the demo. Clients are let in without one.'
    : `No key yet. Clients are let in without one. One is created in ${place}: ccr-tui key create NAME`;
};

/** What can be done with so many keys: where none is made none is revoked, either. */
const actionHints = ({ outside }: DialogContext, count: number): KeyHint[] => [
  ...(outside.clientKeys === undefined ? [] : [{ key: 'a', text: 'create' }]),
  ...(outside.clientKeys === undefined || count === 0 ? [] : [{ key: 'D', text: 'revoke' }]),
];

const words = (error: unknown): string => asCcrError(error).lines.join('; ');

/** Asks for a name and limits, and then shows the new key, this once. */
const create = (maker: ClientKeyMaker, { open, again }: ClientKeysOptions): void =>
  open((given) =>
    openCreateClientKey(given, maker, (created, key) =>
      open((next) => openKeyCreated(next, created, key, again)),
    ),
  );

const revoke = (given: DialogContext, { id, name }: ClientKeyView, again: () => void): Dialog =>
  openConfirm(given, {
    title: `Revoke ${sanitize(name, 60)}`,
    text: 'Whoever shows this key is refused from then on; this cannot be undone.',
    yes: 'revoke',
    confirmed: () => {
      given.commander.run('key.revoke', { key: id, kind: null }).then(
        () => {
          again();
          given.tell(`revoked ${name}`);
        },
        (error: unknown) => given.tell(words(error)),
      );
    },
  });

type Listed = { keys: readonly ClientKeyView[]; said: string | null; at: number; now: EpochMs };

const listLines = (theme: Theme, { keys, said, at, now }: Listed, { columns, rows }: Size): string[] => {
  const title = titleLine(theme, { title: 'Client keys', note: '', focused: true }, columns);
  if (said !== null) {
    const told = paragraph(theme, sanitize(said, 600), { columns: columns - 1, margin: 3 });
    return rows < 6 ? told : [title, '', ...told];
  }
  const head = rows < 6 ? [] : [title, keyHeading(theme, columns)];
  const room = Math.max(1, rows - head.length);
  const top = scrollTo(at, 0, room, keys.length);
  const shown = keys
    .slice(top, top + room)
    .map((key, index) => keyLine(theme, key, { columns, selected: top + index === at, now }));
  return [...head, ...shown];
};

/** The keys of clients, newest last: to look at, to create one, to revoke one. Nothing of a key itself is ever in it. */
export const openClientKeys = (
  context: DialogContext,
  options: ClientKeysOptions,
  clock = systemClock,
): Dialog => {
  let keys: readonly ClientKeyView[] | null = null;
  let problem: string | null = null;
  let at = 0;
  context.commander.run('key.list', {}).then(
    (found) => {
      keys = found;
      context.changed();
    },
    (error: unknown) => {
      problem = words(error);
      context.changed();
    },
  );
  const said = (): string | null => {
    if (problem !== null) return problem;
    if (keys === null) return 'Looking…';
    return keys.length === 0 ? noneText(context, options) : null;
  };
  const pressed: Readonly<Record<string, () => void>> = {
    a() {
      const { clientKeys } = context.outside;
      if (clientKeys === undefined) return context.tell(notHere(context, options, 'create NAME'));
      create(clientKeys, options);
    },
    D() {
      const key = keys?.[at];
      if (key === undefined) return;
      if (key.revokedAt !== null) return context.tell(`${sanitize(key.name, 64)} is revoked already`);
      if (context.outside.clientKeys === undefined) {
        return context.tell(notHere(context, options, 'revoke NAME'));
      }
      options.open((given) => revoke(given, key, options.again));
    },
  };
  return {
    lines: (theme, size) => listLines(theme, { keys: keys ?? [], said: said(), at, now: clock.now() }, size),
    footer: () => [
      ...actionHints(context, keys?.length ?? 0),
      ...((keys?.length ?? 0) < 2 ? [] : moveHint(context.keys, 'move')),
      { key: 'Esc', text: 'close' },
    ],
    press(name) {
      const count = keys?.length ?? 0;
      if (closesOpen(context.keys, name, 'key.list')) context.close();
      else if (Object.hasOwn(pressed, name)) pressed[name]?.();
      else at = movedBy(name, at, { page: count, last: Math.max(0, count - 1) }, context.keys);
    },
    paste: () => {},
  };
};
