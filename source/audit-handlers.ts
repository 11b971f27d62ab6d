import type { AuditEntry } from './shared/audit-entry.ts';
import type { CommandHandlers } from './shared/commands.ts';

export type AuditHandlerOptions = {
  audit: {
    /** The newest records of an account, newest first. */
    list(account: string): Promise<AuditEntry[]>;
  };
};

/** What is asked of the audit log. */
export const auditHandlers = ({ audit }: AuditHandlerOptions): CommandHandlers<'audit.list'> => ({
  'audit.list': ({ account }) => audit.list(account),
});
