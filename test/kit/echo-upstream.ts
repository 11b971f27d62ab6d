import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export type EchoUpstream = {
  url: string;
  /** Lets answers go that were held back. */
  release(): void;
  /** Resolves when a request has arrived that is held back. */
  held: Promise<void>;
  close(): Promise<void>;
};

const message = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-5-5',
  content: [{ type: 'text', text: 'hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 12, output_tokens: 5, cache_read_input_tokens: 7, cache_creation_input_tokens: 0 },
});

/** A provider on loopback that gives every request the same small message, at once or when told to. */
export const startEchoUpstream = async (options: { hold: boolean }): Promise<EchoUpstream> => {
  const waiting: (() => void)[] = [];
  let arrived = (): void => undefined;
  const held = new Promise<void>((resolve) => (arrived = resolve));
  const server = createServer((request, response) => {
    const answer = (): void => {
      response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_echo' });
      response.end(message);
    };
    request.resume().on('end', () => {
      if (!options.hold) return answer();
      waiting.push(answer);
      return arrived();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    held,
    release: () => waiting.splice(0).forEach((answer) => answer()),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Asks the proxy for one message, as a client would. */
export const askOnce = async (proxy: string): Promise<number> => {
  const response = await fetch(`${proxy}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'client', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-haiku-5-5',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'hi' }],
    }),
  });
  await response.text();
  return response.status;
};
