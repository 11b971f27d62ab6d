import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Target = { name: string; pid: number; port: number; startMs: number; stop(): Promise<void> };

const here = (file: string): string => new URL(file, import.meta.url).pathname;
const program = here('../../distribution/bin.cjs');

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    if (child.stdout) createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it listened`)));
  });

const stopChild = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 3000).unref();
  });

const startScript = async (name: string, file: string, ...args: string[]): Promise<Target> => {
  const started = performance.now();
  const child = spawn(process.execPath, [here(file), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(await firstLine(child));
  return {
    name,
    pid: child.pid ?? 0,
    port,
    startMs: performance.now() - started,
    stop: () => stopChild(child),
  };
};

export const startUpstream = (): Promise<Target> => startScript('upstream', './upstream.ts');

export const startBare = (upstream: number): Promise<Target> =>
  startScript('bare node:http', './bare-proxy.ts', String(upstream));

export type BenchHome = { path: string; env: NodeJS.ProcessEnv; remove(): void };

/** A new home with these accounts, all of them at the same upstream, secrets in the vault. */
export const createHome = (upstream: number, accounts: readonly string[]): BenchHome => {
  const path = mkdtempSync(join(tmpdir(), 'ccr-bench-'));
  const env = { ...process.env, CCR_TUI_HOME: path, CCR_TUI_CREDENTIAL_STORE: 'vault' };
  for (const name of accounts) {
    execFileSync(
      process.execPath,
      [program, 'account', 'add', name, '--base-url', `http://127.0.0.1:${upstream}`],
      { env, input: `sk-ant-api03-${name}-only-not-a-key\n`, stdio: 'pipe' },
    );
  }
  return { path, env, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** The real program without a screen, in that home. */
export const startServe = async ({ env }: BenchHome): Promise<Target> => {
  const started = performance.now();
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = JSON.parse(await firstLine(child)) as { url: string };
  return {
    name: 'ccr-tui',
    pid: child.pid ?? 0,
    port: Number(new URL(line.url).port),
    startMs: performance.now() - started,
    stop: () => stopChild(child),
  };
};

/** The real program in a new home with one account. */
export const startCcr = async (upstream: number): Promise<Target> => {
  const home = createHome(upstream, ['bench']);
  const target = await startServe(home);
  return {
    ...target,
    async stop() {
      await target.stop();
      home.remove();
    },
  };
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** nginx with one worker; null when it is not installed. */
export const startNginx = async (upstream: number): Promise<Target | null> => {
  const folder = mkdtempSync(join(tmpdir(), 'ccr-nginx-'));
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http { access_log off; client_max_body_size 64m; client_body_temp_path ${folder}; proxy_temp_path ${folder};
  fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  upstream u { server 127.0.0.1:${upstream}; keepalive 512; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://u; proxy_http_version 1.1;
    proxy_set_header Connection ""; proxy_buffering off; client_body_buffer_size 8m; } } }
`,
  );
  const started = performance.now();
  const child = spawn('nginx', ['-c', config, '-p', folder], { stdio: 'ignore' });
  const failed = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(true));
    child.once('exit', () => resolve(true));
    const poll = (): void =>
      void fetch(`http://127.0.0.1:${port}/v1/messages`).then(
        () => resolve(false),
        () => setTimeout(poll, 20),
      );
    poll();
  });
  if (failed) return null;
  return {
    name: 'nginx',
    pid: child.pid ?? 0,
    port,
    startMs: performance.now() - started,
    async stop() {
      await stopChild(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
