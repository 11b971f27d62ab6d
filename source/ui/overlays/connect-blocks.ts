/** Something to copy as one piece, and what it is for. */
export type ConnectBlock = {
  label: string;
  lines: readonly string[];
  /** The action that does on this screen what the lines do in a shell. */
  opens?: string;
};

/** For where this screen can edit the settings of Claude Code by itself. */
export const writeBlock: ConnectBlock = {
  label: 'Claude Code, by its settings; Enter shows what would change',
  lines: ['ccr-tui connect claude-code'],
  opens: 'client.write',
};

/** What a client shows as its key: any text, it ends at the proxy; a key made for it once such keys are asked for. */
const token = 'ccr-tui';

/**
 * What to set in clients of the proxy at `url`, the most likely first. A `demo` is found by its address alone. `alias` is
 * the line of shell that makes `ccr-tui` a command where it is none; null where it is one.
 */
export const connectBlocks = (url: string, alias: string | null, demo = false): ConnectBlock[] => [
  ...(alias === null || demo
    ? []
    : [{ label: 'No ccr-tui on your PATH: make it a command, once in each shell', lines: [alias] }]),
  ...(demo
    ? []
    : [{ label: 'Claude Code, in another shell; changes no file', lines: ['ccr-tui run -- claude'] }]),
  {
    label: 'Everything that is started from a shell; or a client key',
    lines: [`export ANTHROPIC_BASE_URL=${url}`, `export ANTHROPIC_AUTH_TOKEN=${token}`],
  },
  {
    label: 'Anthropic SDK, TypeScript',
    lines: [`new Anthropic({ authToken: '${token}',`, `  baseURL: '${url}' })`],
  },
  {
    label: 'Anthropic SDK, Python',
    lines: [`Anthropic(auth_token="${token}",`, `  base_url="${url}")`],
  },
  {
    label: 'curl',
    lines: [
      `curl ${url}/v1/messages \\`,
      "  -H 'anthropic-version: 2023-06-01' \\",
      "  -H 'content-type: application/json' \\",
      `  -d '{"model":"claude-haiku-5-5","max_tokens":64,`,
      `       "messages":[{"role":"user","content":"hello"}]}'`,
    ],
  },
];
