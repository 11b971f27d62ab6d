import { resolvePaths } from '../config/paths.ts';
import type { Audit } from '../credentials/audit.ts';
import type { AuditEvent } from '../shared/audit-event.ts';
import { sanitize } from '../shared/sanitize.ts';
import { askedBy } from './asked-by.ts';
import type { CommandContext } from './context.ts';

/** One for each command that runs: trouble with the file is said once, however many records it costs. */
const opened = new WeakMap<CommandContext, Audit>();

const auditFor = async (context: CommandContext): Promise<Audit> => {
  const { openAudit } = await import('../credentials/audit.ts');
  const { env, clock, stderr } = context;
  const audit =
    opened.get(context) ??
    openAudit({
      file: resolvePaths(env).audit,
      via: askedBy(env),
      clock,
      onProblem: (text) => void stderr.write(`ccr-tui: note: ${sanitize(text, 1000)}\n`),
    });
  opened.set(context, audit);
  return audit;
};

/** Writes down what this command has changed by itself, without an instance. Never rejects; trouble is said on stderr. */
export const recordAudit = async (context: CommandContext, event: AuditEvent | null): Promise<void> => {
  if (event !== null) await (await auditFor(context)).record(event);
};
