import { describe, expect, it } from 'vitest';
import { createNotices } from '../../source/ui/notices.ts';

const open = () => {
  let now = 1000;
  const notices = createNotices({ monotonic: () => now });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { notices, pass };
};

describe('createNotices', () => {
  it('shows a told sentence until the next key', () => {
    const { notices, pass } = open();
    expect(notices.current()).toBeNull();
    notices.tell('no account work');
    pass(3_600_000);
    expect(notices.current()).toBe('no account work');
    expect(notices.changesIn()).toBe(Infinity);
    notices.keyPressed();
    expect(notices.current()).toBeNull();
  });

  it('shows a sentence for its time, whatever is pressed, and says when that ends', () => {
    const { notices, pass } = open();
    notices.show('paused work', 10_000);
    notices.keyPressed();
    pass(9999);
    expect(notices.current()).toBe('paused work');
    expect(notices.changesIn()).toBe(1);
    pass(1);
    expect(notices.current()).toBeNull();
    expect(notices.changesIn()).toBe(Infinity);
  });

  it('lets a newer sentence replace an older one, and the held one hide all', () => {
    const { notices } = open();
    notices.show('paused work', 10_000);
    notices.tell('no account home');
    expect(notices.current()).toBe('no account home');
    notices.show('paused spare', 10_000);
    expect(notices.current()).toBe('paused spare');
    notices.hold('draining 3');
    notices.tell('x');
    expect(notices.current()).toBe('draining 3');
    notices.hold(null);
    expect(notices.current()).toBe('x');
  });
});
