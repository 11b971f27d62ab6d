import { screenVias, type AuditVia, type ScreenVia } from '../shared/audit-event.ts';
import type { Environment } from '../shared/environment.ts';

const variable = 'CCR_TUI_ASKED_BY';

/** The environment of a command that a person had carried out on a screen, for the audit log. */
export const askedOnScreen = (env: Environment, via: ScreenVia): Environment => ({ ...env, [variable]: via });

/** Who asked for a command with that environment. */
export const askedBy = (env: Environment): AuditVia =>
  screenVias.find((via) => via === env[variable]) ?? 'cli';
