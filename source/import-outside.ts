import { resolvePaths } from './config/paths.ts';
import { loadSettings } from './config/settings.ts';
import { consentGivenAt, termsNotice } from './credentials/terms-notice.ts';
import { ownProgram, runOwn, type OwnOutput } from './own-program.ts';
import type { Environment } from './shared/environment.ts';
import { isRecord } from './shared/is-record.ts';
import { isLoginKind } from './shared/types.ts';
import type { ImportPlan, ImportRow, Imports } from './ui/outside.ts';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

const actions = new Set(['add', 'update', 'skip', 'failed']);

const rowOf = (each: Record<string, unknown>): ImportRow => ({
  name: textOf(each['name']),
  kind: textOf(each['kind']),
  action: actions.has(textOf(each['action'])) ? (each['action'] as ImportRow['action']) : 'failed',
  reason: typeof each['reason'] === 'string' ? each['reason'] : null,
  notes: Array.isArray(each['notes']) ? each['notes'].map(textOf) : [],
});

const planOf = ({ printed, said }: OwnOutput): Omit<ImportPlan, 'consent'> => {
  const shown = isRecord(printed) ? printed : {};
  const left = listOf(shown['left']).map((each) => `${textOf(each['name'])}: ${textOf(each['reason'])}`);
  return { path: textOf(shown['path']), rows: listOf(shown['accounts']).map(rowOf), left, notes: said };
};

/** Accounts of other tools, taken over by this program's own `import`, which has the running instance keep them. */
export const createImports = (env: Environment, program = ownProgram): Imports => {
  const consentFor = (rows: readonly ImportRow[]): readonly string[] | null => {
    const isNeeded = rows.some(({ action, kind }) => action === 'add' && isLoginKind(kind as 'login'));
    if (!isNeeded) return null;
    const { accounts } = loadSettings({ paths: resolvePaths(env), env, flags: {} });
    return consentGivenAt(accounts) === null ? termsNotice : null;
  };
  return {
    async sources() {
      // Not before somebody asks: the stores of other tools take libraries to read.
      const [{ importSourceNames }, { tools, isToolName }] = await Promise.all([
        import('./credentials/importers/import-sources.ts'),
        import('./credentials/importers/tools.ts'),
      ]);
      return importSourceNames.map((from) => ({
        from,
        title: isToolName(from) ? tools[from].title : 'Claude Code',
      }));
    },
    async plan(from) {
      const plan = planOf(await runOwn(env, ['import', from, '--dry-run'], program));
      return { ...plan, consent: consentFor(plan.rows) };
    },
    async carryOut(from, accepted) {
      // Without a yes that turns out to be needed the command itself refuses.
      const words = ['import', from, ...(accepted ? ['--accept-terms'] : [])];
      return { ...planOf(await runOwn(env, words, program)), consent: null };
    },
  };
};
