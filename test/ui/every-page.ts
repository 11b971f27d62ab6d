import { unlimited } from '../../source/shared/client-key.ts';
import type { Decision } from '../../source/shared/decision.ts';
import { Secret } from '../../source/shared/secret.ts';
import { asDuration, type Attempt } from '../../source/shared/types.ts';
import type { Dialog, DialogContext } from '../../source/ui/dialog.ts';
import type { ClientChange, ImportPlan } from '../../source/ui/outside.ts';
import { openAccountDetail } from '../../source/ui/overlays/account-detail.ts';
import { openRemove, openReset } from '../../source/ui/overlays/account-dialogs.ts';
import { openAddAccount } from '../../source/ui/overlays/add-account.ts';
import { openChooseStrategy } from '../../source/ui/overlays/choose-strategy.ts';
import { openClientKeys } from '../../source/ui/overlays/client-keys.ts';
import { connectSteps } from '../../source/ui/overlays/connect-steps.ts';
import { openConnect } from '../../source/ui/overlays/connect.ts';
import { openCopyMenu } from '../../source/ui/overlays/copy-menu.ts';
import { openCreateClientKey } from '../../source/ui/overlays/create-client-key.ts';
import { openDemoRefusal } from '../../source/ui/overlays/demo-refusal.ts';
import { openExportMenu } from '../../source/ui/overlays/export-menu.ts';
import { openFirstLogin } from '../../source/ui/overlays/first-login.ts';
import { importSteps } from '../../source/ui/overlays/import-steps.ts';
import { openKeyCreated } from '../../source/ui/overlays/key-created.ts';
import { openMenu } from '../../source/ui/overlays/menu.ts';
import { openRequestDetail } from '../../source/ui/overlays/request-detail.ts';
import { openStatistics } from '../../source/ui/overlays/statistics.ts';
import { openStepPage, type Step } from '../../source/ui/overlays/step-page.ts';
import { hostileText } from '../kit/hostile-text.ts';
import { busyStatistics, seriesRow } from '../store/stats-samples.ts';
import { commandPlace } from './overlays/dialog-place.ts';
import { accountOf, busyState, doneRow, later, liveRow, windowOf } from './sample.ts';

/** Everything that a terminal could act on, wide letters, and a word that is longer than any line. */
const hostile = `${hostileText.map(([, text]) => text).join('')}日本語 ${'x'.repeat(250)}`;

const account = accountOf(hostile, {
  kind: 'login',
  plan: hostile,
  organization: hostile,
  reason: hostile,
  state: 'error',
  models: [hostile],
  windows: [
    windowOf('5h', 0.4, 9e6),
    windowOf(hostile, 1, 1e12),
    { ...windowOf('7d', 1, 4e8), scope: hostile },
  ],
});
const attempt: Attempt = {
  account: hostile,
  status: 529,
  verdict: hostile,
  window: hostile,
  ms: asDuration(9),
};
const decision: Decision = {
  strategy: hostile,
  affinity: 'moved',
  considered: Array.from({ length: 20 }, () => ({ account: hostile, verdict: hostile })),
};
const row = doneRow(9, {
  account: hostile,
  model: hostile,
  upstreamModel: hostile,
  agent: hostile,
  client: hostile,
  project: hostile,
  session: hostile,
  error: hostile,
  outcome: 'error',
  attempts: [attempt, attempt],
  decision,
});
const state = { ...busyState, accounts: [account, ...busyState.accounts], rows: [...busyState.rows, row] };

const key = {
  id: hostile,
  name: hostile,
  kind: 'user' as const,
  createdAt: later(0),
  lastUsedAt: later(-9e6),
  revokedAt: null,
  limits: { ...unlimited, dailyUsd: 5, models: [hostile] },
};
const answers: Readonly<Record<string, unknown>> = {
  'audit.list': [{ at: later(-9e6), event: hostile, via: hostile, detail: hostile }],
  'key.list': [key, { ...key, revokedAt: later(-9) }],
  statistics: { ...busyStatistics, note: hostile, accounts: [seriesRow(hostile, { requests: 900 })] },
  'request.heads': {
    kind: 'found',
    target: hostile,
    headers: [[hostile, hostile]],
    answer: { status: 500, headers: [[hostile, hostile]] },
  },
};

const plan: ImportPlan = {
  path: hostile,
  rows: (['add', 'update', 'skip', 'failed'] as const).map((action) => ({
    name: hostile,
    kind: hostile,
    action,
    reason: hostile,
    notes: [hostile],
  })),
  left: [hostile],
  notes: [hostile],
  consent: [hostile, hostile],
};
const change: ClientChange = {
  path: hostile,
  url: hostile,
  changed: true,
  created: true,
  notes: [hostile],
  diff: `-${hostile}\n+${hostile}`,
};
const imports = { sources: async () => [], plan: async () => plan, carryOut: async () => plan };
const connects = { look: async () => change, carryOut: async () => change };

const maker = { mint: () => new Secret(`ccr_${'k'.repeat(43)}`), limits: () => unlimited };

/** Every page that can stand on the screen, each with outside texts that are hostile and too long, and answered. */
export const everyPage = async (): Promise<ReadonlyMap<string, Dialog>> => {
  const { context: bare } = commandPlace(async (name) => answers[name], state);
  const context: DialogContext = {
    ...bare,
    outside: {
      saveFile: async () => hostile,
      version: () => hostile,
      clientKeys: maker,
    },
  };
  const steps = (first: () => Promise<Step>): Dialog =>
    openStepPage(context, { title: hostile, busy: hostile }, first);
  const entries = [{ word: hostile, does: hostile, run: () => {} }];
  const held = liveRow(10, {
    heldUntil: later(90_000),
    decision,
    failures: [attempt],
  });
  const create = openCreateClientKey(context, maker, () => {});
  create.paste(hostile);
  const pages: Readonly<Record<string, Dialog | null>> = {
    account: openAccountDetail(context),
    remove: openRemove(context),
    reset: openReset(context),
    add: openAddAccount(context, openConnect),
    strategy: openChooseStrategy(context, 'sticky', () => {}),
    keys: openClientKeys(context, { open: () => {}, again: () => {}, place: 'another shell' }),
    created: openKeyCreated(
      context,
      { key, notice: hostile, required: true },
      new Secret(`ccr_${'k'.repeat(43)}`),
      () => {},
    ),
    create,
    connect: openConnect(context, hostile),
    connecting: steps(() => connectSteps(connects)),
    importing: steps(() => importSteps(imports, { from: hostile, title: hostile })),
    agreeing: steps(
      async () => (await importSteps(imports, { from: '', title: hostile })).yes?.next() ?? never(),
    ),
    failing: steps(() => Promise.reject(new Error(hostile))),
    sources: openMenu(context, {
      title: 'Import accounts',
      entries,
      enter: 'look',
      opener: 'account.import',
    }),
    copy: openCopyMenu(context),
    export: openExportMenu(context, state.rows),
    demo: openDemoRefusal(context),
    login: openFirstLogin(context, async () => hostile),
    request: openRequestDetail({ ...context, walk: () => {} }),
    held: openRequestDetail({ ...context, request: () => held, walk: () => {} }),
    statistics: openStatistics(context),
  };
  // What is asked for is answered.
  await new Promise((resolve) => setImmediate(resolve));
  return new Map(Object.entries(pages).map(([name, page]) => [name, page ?? never()]));
};

const never = (): never => {
  throw new Error('a page did not open');
};
