import { consentGivenAt, termsNotice, termsReadIn } from '../credentials/terms-notice.ts';
import { CcrError } from '../shared/errors.ts';
import type { AccountRecord, EpochMs } from '../shared/types.ts';
import { askedBy } from './asked-by.ts';
import type { CommandContext } from './context.ts';
import { printLines } from './print.ts';
import { recordAudit } from './record-audit.ts';
import { askYes } from './visible-line.ts';

const refused = (message: string, hint: string): CcrError =>
  new CcrError('terms_not_accepted', message, { hint });

/** How the yes was given. A screen shows the notice itself, and has it said by the option. */
const wayOf = ({ env }: CommandContext, isGiven: boolean): string => {
  if (!isGiven) return 'yes at the prompt';
  return askedBy(env) === 'cli' ? '--accept-terms' : 'yes on the screen';
};

const question = 'Go on? Type yes, or press Enter to leave: ';

/**
 * When the owner of these accounts said yes to the notice about the provider's terms: long ago, when an account says
 * so; else now, by `--accept-terms` or by typing `yes`. The notice is on stderr in either case, and the yes in the audit
 * log. Rejects with `terms_not_accepted` (exit 2) when there is neither, before anything was done.
 */
export const askConsent = async (
  context: CommandContext,
  accounts: readonly Pick<AccountRecord, 'login'>[],
): Promise<EpochMs> => {
  const { options, stdin, stderr, clock } = context;
  const before = consentGivenAt(accounts);
  if (before !== null) return before;
  await printLines(stderr, [...termsNotice, '']);
  const isGiven = options['accept-terms'] === true;
  if (!isGiven && !stdin.isTTY) {
    throw refused(
      'a Claude login needs your yes to this notice',
      'add --accept-terms where nobody can be asked',
    );
  }
  if (!isGiven && !(await askYes(stdin, stderr, question))) {
    throw refused(
      'no yes was given, and nothing was done',
      'an API key needs none: ccr-tui account add NAME',
    );
  }
  await recordAudit(context, {
    event: 'terms.accepted',
    notice: termsReadIn,
    by: wayOf(context, isGiven),
  });
  return clock.now();
};
