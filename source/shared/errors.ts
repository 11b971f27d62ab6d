// Every error a person or a program can meet, in one table: what the process exits with and why.
// The message says what happened, the hint what to do. Secrets and bodies never enter either.

const codes = {
  failed: { exitCode: 1 },
  usage: { exitCode: 2 },
  invalid_config: { exitCode: 1 },
  duplicate_account: { exitCode: 1 },
  duplicate_key: { exitCode: 1 },
  unknown_account: { exitCode: 3 },
  unknown_key: { exitCode: 3 },
  nothing_to_import: { exitCode: 3 },
  unknown_request: { exitCode: 3 },
  unknown_secret: { exitCode: 3 },
  not_connected: { exitCode: 3 },
  needs_login: { exitCode: 1 },
  bad_secret: { exitCode: 2 },
  terms_not_accepted: { exitCode: 2 },
  sign_in_failed: { exitCode: 1 },
  bad_base_url: { exitCode: 2 },
  unsupported_kind: { exitCode: 2 },
  port_in_use: { exitCode: 1 },
  bind_refused: { exitCode: 2 },
  no_instance: { exitCode: 4 },
  control_refused: { exitCode: 4 },
  store_unavailable: { exitCode: 69 },
  vault_damaged: { exitCode: 69 },
  vault_locked: { exitCode: 69 },
  wrong_passphrase: { exitCode: 69 },
  backup_damaged: { exitCode: 1 },
  newer_version: { exitCode: 1 },
  locked: { exitCode: 75 },
  login_changed: { exitCode: 75 },
  already_running: { exitCode: 75 },
  history_unavailable: { exitCode: 1 },
} as const satisfies Record<string, { exitCode: number }>;

export type ErrorCode = keyof typeof codes;

/** An error with a stable code. Shown as `ccr-tui: message; hint`. */
export class CcrError extends Error {
  override readonly name = 'CcrError';
  readonly code: ErrorCode;
  readonly hint: string | null;
  /** Further lines of the same kind, when several things are wrong at once; each complete in itself. */
  readonly problems: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; problems?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? null;
    this.problems = options.problems ?? [];
  }

  /** What the process exits with when this error ends it. */
  get exitCode(): number {
    return codes[this.code].exitCode;
  }

  /** What a person sees, without the `ccr-tui: ` in front: one line, or one for each problem. */
  get lines(): readonly string[] {
    if (this.problems.length > 0) return this.problems;
    return [this.hint === null ? this.message : `${this.message}; ${this.hint}`];
  }
}

/** An error as it crosses a thread or the control socket. */
export type ErrorShape = {
  code: ErrorCode;
  message: string;
  hint: string | null;
  problems: readonly string[];
};

/** Plain form of any thrown value; what is not a CcrError becomes `failed`. */
export const errorShape = (error: unknown): ErrorShape => {
  if (error instanceof CcrError) {
    return { code: error.code, message: error.message, hint: error.hint, problems: error.problems };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'failed', message, hint: null, problems: [] };
};

/** The error again on the other side; an unknown code (a newer version spoke) becomes `failed`. */
export const errorFromShape = (shape: ErrorShape): CcrError => {
  const code = Object.hasOwn(codes, shape.code) ? shape.code : 'failed';
  const { problems } = shape;
  return new CcrError(
    code,
    shape.message,
    shape.hint === null ? { problems } : { problems, hint: shape.hint },
  );
};

/** Any thrown value as an error with a code; what is not a CcrError becomes `failed`, with its message. */
export const asCcrError = (error: unknown): CcrError =>
  error instanceof CcrError ? error : errorFromShape(errorShape(error));

/** Our own answers on the HTTP port: `x-ccr-error` → status and the error type of the Anthropic envelope. */
export const httpErrors = {
  bad_request: { status: 400, type: 'invalid_request_error' },
  host_refused: { status: 421, type: 'permission_error' },
  origin_refused: { status: 403, type: 'permission_error' },
  address_refused: { status: 403, type: 'permission_error' },
  key_missing: { status: 401, type: 'authentication_error' },
  key_wrong: { status: 401, type: 'authentication_error' },
  key_forbidden: { status: 403, type: 'permission_error' },
  key_limited: { status: 429, type: 'rate_limit_error' },
  budget_spent: { status: 429, type: 'rate_limit_error' },
  not_found: { status: 404, type: 'not_found_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  body_too_large: { status: 413, type: 'request_too_large' },
  expectation_refused: { status: 417, type: 'invalid_request_error' },
  head_too_large: { status: 431, type: 'invalid_request_error' },
  coding_refused: { status: 501, type: 'invalid_request_error' },
  loop_detected: { status: 508, type: 'api_error' },
  internal_error: { status: 500, type: 'api_error' },
  all_limited: { status: 429, type: 'rate_limit_error' },
  all_overloaded: { status: 529, type: 'overloaded_error' },
  no_account: { status: 503, type: 'api_error' },
  shutting_down: { status: 503, type: 'api_error' },
  upstream_unreachable: { status: 502, type: 'api_error' },
  upstream_timeout: { status: 504, type: 'timeout_error' },
} as const satisfies Record<string, { status: number; type: string }>;

export type HttpErrorCode = keyof typeof httpErrors;
