import { conflictsFor } from '../clients/conflicts.ts';
import { connect, previewConnect, type Connected } from '../clients/connect.ts';
import { listenOrigin } from '../config/listen-origin.ts';
import { resolvePaths, type Paths } from '../config/paths.ts';
import { loadSettings } from '../config/settings.ts';
import { CcrError } from '../shared/errors.ts';
import { maskTokens } from '../shared/mask-tokens.ts';
import { sanitize } from '../shared/sanitize.ts';
import { alone, openConnection, type Opened } from './client-connection.ts';
import { openClientKeys } from './client-key.ts';
import type { CommandContext } from './context.ts';
import { print, printJson, printLines } from './print.ts';
import { askInstance } from './reach-instance.ts';
import { recordAudit } from './record-audit.ts';

type Address = { origin: string; running: boolean };

/** Where the proxy listens, or will: the running instance knows; else the settings do. */
const addressOf = ({ env }: CommandContext, paths: Paths): Promise<Address> =>
  askInstance(
    paths,
    async ({ welcome }) => ({ origin: new URL(welcome.url).origin, running: true }),
    () => addressInSettings(env, paths),
  );

const addressInSettings = (env: CommandContext['env'], paths: Paths): Address => {
  const { config } = loadSettings({ paths, env, flags: {} });
  if (config.port === 0) {
    throw new CcrError('failed', 'the port is picked anew at each start (port is 0)', {
      hint: 'start ccr-tui first, or give it a port: ccr-tui config set port 4180',
    });
  }
  const { host, port, tls } = config;
  const secure = tls.cert !== '' || tls.key !== '';
  return { origin: new URL(listenOrigin(host, port, secure)).origin, running: false };
};

/** That what is written may lead nowhere after the next start, where another port than that of the settings is listened on. */
const portNotes = (env: CommandContext['env'], paths: Paths, { origin, running }: Address): string[] => {
  if (!running) return [];
  const { port } = new URL(origin);
  try {
    const { config } = loadSettings({ paths, env, flags: {} });
    return String(config.port) === port
      ? []
      : [
          `it listens on port ${port}, the settings say ${config.port}: after its next start it may be at another address; ccr-tui config set port ${port} keeps it there`,
        ];
  } catch {
    // Settings that cannot be read say no port; the instance goes on with those of its start.
    return [];
  }
};

const diffOf = async ({ path, before, after, created }: Connected): Promise<string> => {
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const old = created ? '/dev/null' : path;
  return createTwoFilesPatch(old, path, before, after, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
};

/** Safe on a terminal; tabs and the CR of a line end stay, for they do no harm there and belong to the diff. */
const safeDiff = (diff: string): string =>
  diff
    .split(/(\t|\r?\n)/)
    .map((piece, index) => (index % 2 === 1 ? piece : sanitize(piece, Number.POSITIVE_INFINITY)))
    .join('');

const lines = ({ known, connection }: Opened, done: Connected, { origin, running }: Address): string[] => {
  const { client } = connection;
  const what = done.changed
    ? `${known.title} is connected to ${origin}`
    : `${known.title} already was connected to ${origin}`;
  const next = running
    ? `start ${known.program} anew: one that runs has read its settings`
    : `nothing listens there yet: start ccr-tui, then ${known.program}`;
  return [`${what} (${sanitize(done.path, 4096)})`, next, `undo it with ccr-tui disconnect ${client}`];
};

const trustNote =
  'it reaches the proxy only if it trusts its certificate: set NODE_EXTRA_CA_CERTS to the file of tls.cert (ccr-tui config get tls.cert) where it is started';

/** `connect CLIENT`: points a program at the proxy by editing its settings, with a receipt for `disconnect`. */
export const run = async (context: CommandContext): Promise<number> => {
  const { options, env, stdout, stderr } = context;
  const paths = resolvePaths(env);
  const opened = await openConnection(context, paths);
  const { connection, keyName } = opened;
  const address = await addressOf(context, paths);
  const { origin } = address;
  const keys = openClientKeys(context);
  const dryRun = options['dry-run'] === true;
  // First of all as a look: a command that fails makes no folder for its lock.
  const preview = await previewConnect({ ...connection, origin, ...keys });
  const done = dryRun
    ? preview
    : await alone(paths, () => connect({ ...connection, origin, keyName, ...keys }));
  if (!dryRun && done.changed) {
    const event = { event: 'client.connected', client: connection.client, path: done.path } as const;
    await recordAudit(context, event);
  }
  const diff = dryRun && done.changed ? maskTokens(await diffOf(done)) : null;
  const inFile = connection.edit.environment(done.after);
  const notes = [
    ...(opened.known.lacks === null ? [] : [opened.known.lacks]),
    ...conflictsFor(connection.client, { ...env, ...inFile }, origin),
    ...(origin.startsWith('https:') ? [trustNote] : []),
    ...portNotes(env, paths, address),
  ];
  if (options['json'] === true) {
    const { path, changed, created } = done;
    const shown = { client: connection.client, path, url: origin, changed, created, dryRun, notes };
    await printJson(stdout, diff === null ? shown : { ...shown, diff });
    return 0;
  }
  if (diff !== null) await print(stdout, safeDiff(diff));
  else await printLines(stdout, dryRun ? ['nothing would change'] : lines(opened, done, address));
  for (const note of notes) await print(stderr, `ccr-tui: note: ${note}\n`);
  return 0;
};
