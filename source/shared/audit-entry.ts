import type { EpochMs } from './types.ts';

/** One record of the audit log as it is told to a person who asks for those of an account. Its texts are from a file. */
export type AuditEntry = {
  at: EpochMs;
  /** As `AuditEvent` names it, or one that this version does not know. */
  event: string;
  /** Who asked; see `AuditVia`. */
  via: string;
  /** What else was written down, as `name value, name value`; empty for nothing. */
  detail: string;
};
