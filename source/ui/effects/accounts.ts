import type { AccountView } from '../../shared/types.ts';
import { noAccount } from '../overlays/account-dialogs.ts';
import { openFirstLogin } from '../overlays/first-login.ts';
import { createSignInKey } from '../sign-in-key.ts';
import type { Effect, EffectContext, Effects } from './effect.ts';

/** What keys do to the selected account. */
export const accountEffects = (context: EffectContext): Effects => {
  const { switches } = context;
  const withAccount =
    (act: (account: AccountView) => void): Effect =>
    () => {
      const account = context.account();
      if (account === null) noAccount(context);
      else act(account);
    };
  return {
    'account.toggle': withAccount(switches.pause),
    'account.prefer': withAccount(switches.prefer),
    'account.login': createSignInKey({
      ...context,
      askName: (submit) => context.open((given) => openFirstLogin(given, submit)),
    }),
  };
};
