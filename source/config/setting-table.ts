import { captureModes } from '../shared/capture.ts';
import { notifyWays, themeNames } from '../shared/look.ts';
import { notices } from '../shared/notice.ts';
import { secretStores, strategyNames } from '../shared/types.ts';
import {
  address,
  hostName,
  listOf,
  oneOf,
  orWord,
  webOrigin,
  wholeNumber,
  yesOrNo,
  type Check,
} from './checks.ts';
import { clientId, serviceUrl } from './oauth-checks.ts';
import { priceEntries } from './price-checks.ts';
import { budgetText, webhookUrl } from './feed-checks.ts';
import { keyLines } from './key-checks.ts';
import { addressRange, filePath } from './network-checks.ts';

export type Definition<T> = {
  default: T;
  check: Check<T>;
  /** One line for people. */
  doc: string;
  /** A change takes effect at the next start of the instance. */
  restart: boolean;
};

/** Takes effect in a running instance at once. */
const live = <T>(standard: NoInfer<T>, check: Check<T>, doc: string): Definition<T> => ({
  default: standard,
  check,
  doc,
  restart: false,
});

const atStart = <T>(standard: NoInfer<T>, check: Check<T>, doc: string): Definition<T> => ({
  ...live(standard, check, doc),
  restart: true,
});

const day = 86_400_000;

/** Every setting there is. Code, `config list`, errors and SETTINGS.md come from here. */
export const settingTable = {
  port: atStart(4180, wholeNumber(0, 65_535), 'TCP port of the proxy; 0 picks a free one'),
  host: atStart('127.0.0.1', address, 'address the proxy listens on'),
  insecureBind: atStart(
    false,
    yesOrNo,
    'listen beyond loopback without a client key and TLS; whoever finds the port uses your accounts',
  ),
  allowedHosts: live([], listOf(hostName), 'further host names that clients may call the proxy by'),
  allowedOrigins: live([], listOf(webOrigin), 'web origins whose pages may call the proxy'),
  requireClientKey: live(
    'auto',
    orWord('auto', yesOrNo),
    'whether clients must show a key; auto asks for one beyond loopback, or once there is a key of yours',
  ),
  'clientLimits.requestsPerMinute': live(
    'auto',
    orWord('auto', wholeNumber(0, 1_000_000)),
    'for each key without a limit of its own; 0 for none; auto sets none on loopback, 100 beyond',
  ),
  allowedAddresses: live(
    [],
    listOf(addressRange),
    'addresses and ranges that may connect, beside this machine; empty for all',
  ),
  trustedProxies: live(
    [],
    listOf(addressRange),
    'addresses and ranges of forwarders whose X-Forwarded-For names the client',
  ),
  'tls.cert': atStart('', filePath, 'file of the certificate (PEM); with tls.key the port speaks TLS'),
  'tls.key': atStart('', filePath, 'file of its private key (PEM), readable by its owner alone'),
  strategy: live(
    'sticky',
    oneOf(strategyNames),
    'how an account is chosen; sticky keeps a conversation at its cache, new work goes where most is left of the week',
  ),
  limitHeaders: live(
    'auto',
    oneOf(['auto', 'pass', 'withhold']),
    'whether clients see the rate-limit headers of one account; auto withholds warnings while another account is ready',
  ),
  credentialStore: atStart(
    'auto',
    oneOf(['auto', ...secretStores]),
    'where new secrets are kept; auto takes the keychain, or the vault where none answers',
  ),
  bodyLimitMiB: live(
    32,
    wholeNumber(1, 512),
    'largest request body, in MiB; batches and files have limits of their own',
  ),
  drainMs: live(30_000, wholeNumber(0, day), 'how long requests may finish when the instance stops'),
  'timeouts.connectMs': live(10_000, wholeNumber(1, day), 'to connect to an upstream'),
  'timeouts.firstByteMs': live(600_000, wholeNumber(1, day), 'for the first byte of an upstream answer'),
  'timeouts.idleMs': live(300_000, wholeNumber(1, day), 'between two pieces of an upstream answer'),
  'timeouts.clientHeadersMs': atStart(10_000, wholeNumber(1, day), 'for a client to send its headers'),
  'timeouts.clientBodyMs': live(30_000, wholeNumber(1, day), 'between two pieces of a request body'),
  loginForAgentSdk: live(
    false,
    yesOrNo,
    'whether Claude logins serve the Agent SDK, too, and not Claude Code alone',
  ),
  'oauth.tokenUrl': live(
    'https://platform.claude.com/v1/oauth/token',
    serviceUrl,
    'where tokens of Claude logins are refreshed',
  ),
  'oauth.authorizeUrl': live(
    'https://claude.com/cai/oauth/authorize',
    serviceUrl,
    'the page on which one signs in',
  ),
  'oauth.consoleAuthorizeUrl': live(
    'https://platform.claude.com/oauth/authorize',
    serviceUrl,
    'the page of the Claude Console on which one signs in to make an API key',
  ),
  'oauth.usageUrl': live(
    'https://api.anthropic.com/api/oauth/usage',
    serviceUrl,
    'where the usage of a login is read',
  ),
  'oauth.profileUrl': live(
    'https://api.anthropic.com/api/oauth/profile',
    serviceUrl,
    'where the plan and the organisation of a login are read',
  ),
  'oauth.clientId': live(
    '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    clientId,
    'the public client that logins are made for; it is the one of Claude Code',
  ),
  'oauth.refreshLeadMs': live(
    600_000,
    wholeNumber(0, day),
    'how long before its end a token of a login is refreshed',
  ),
  usagePollMs: live(
    600_000,
    orWord(0, wholeNumber(300_000, day)),
    'between two looks at the usage of logins that nobody uses; 0 for none',
  ),
  holdMs: live(
    0,
    wholeNumber(0, 240_000),
    'how long a request may wait for an account while all are limited; 0 for not at all',
  ),
  prices: atStart(
    [],
    priceEntries,
    'prices of models of your own, or in place of the list prices, in USD per million tokens',
  ),
  'history.retentionDays': atStart(30, wholeNumber(1, 36_500), 'days that finished requests are kept'),
  'history.maxMiB': atStart(256, wholeNumber(1, 1_048_576), 'largest size of the history, in MiB'),
  capture: live(
    'off',
    oneOf(captureModes),
    'of which requests heads and bodies are kept, encrypted: of none, of those that ended badly, of all',
  ),
  captureKiB: live(64, wholeNumber(1, 1024), 'largest part of each body that is kept, in KiB'),
  captureDays: live(7, wholeNumber(1, 365), 'days that heads and bodies are kept'),
  captureMiB: live(64, wholeNumber(1, 65_536), 'largest size of all that is kept of them, in MiB'),
  budgets: live(
    [],
    listOf(budgetText),
    'what may be spent in a time, such as `all 20usd/day` or `account:work 30%7d/week soft`; hard ones refuse requests',
  ),
  'webhook.url': live(
    '',
    orWord('', webhookUrl),
    'what is told of events in JSON, by POST; empty for nobody',
  ),
  'webhook.events': live(notices, listOf(oneOf(notices)), 'which events it is told of'),
  'screen.theme': live(
    'auto',
    oneOf(themeNames),
    'colours of the screen, from when it is opened next; mono uses none, high-contrast no faint text',
  ),
  'screen.keys': live(
    [],
    keyLines,
    'other keys of the screen, each `ACTION KEY…` with a name of KEYS.md, such as `undo U`; from when it is opened next',
  ),
  'screen.notify': live(
    'off',
    oneOf(notifyWays),
    'how the terminal is told that an account is back or none is left; bell, or the code that it knows',
  ),
  'otel.url': atStart(
    '',
    orWord('', serviceUrl),
    'where an OpenTelemetry collector of yours takes traces, such as http://127.0.0.1:4318/v1/traces; empty for nowhere',
  ),
} as const satisfies Record<string, Definition<unknown>>;
