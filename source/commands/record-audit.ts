import { resolvePaths } from '../config/paths.ts';
import type { AuditEvent } from '../shared/audit-event.ts';
import { sanitize } from '../shared/sanitize.ts';
import type { CommandContext } from './context.ts';
import { print } from './print.ts';

/** Writes down what this command has changed by itself, without an instance. Never rejects; trouble is said on stderr. */
export const recordAudit = async (
  { env, clock, stderr }: CommandContext,
  event: AuditEvent | null,
): Promise<void> => {
  if (event === null) return;
  const { openAudit } = await import('../credentials/audit.ts');
  const problems: string[] = [];
  const audit = openAudit({
    file: resolvePaths(env).audit,
    via: 'cli',
    clock,
    onProblem: (text) => void problems.push(text),
  });
  await audit.record(event);
  for (const problem of problems) await print(stderr, `ccr-tui: note: ${sanitize(problem, 1000)}\n`);
};
