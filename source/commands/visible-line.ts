/** No answer to a question comes near this. */
const longest = 4096;

/**
 * The line that a person types at a terminal, shown as it is typed and edited by the terminal itself, without its line
 * end; null when there is none any more (ctrl+d). ctrl+c ends the program as it does at every other prompt of a shell.
 */
export const askLine = (
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  question: string,
): Promise<string | null> =>
  new Promise((resolve, reject) => {
    let seen = '';
    const finish = (settle: () => void): void => {
      stdin.off('data', onData).off('end', onEnd).off('error', onError);
      stdin.pause();
      settle();
    };
    const onData = (chunk: Buffer | string): void => {
      seen += chunk.toString();
      const end = seen.search(/[\r\n]/);
      if (end >= 0) finish(() => resolve(seen.slice(0, end)));
      else if (seen.length > longest) finish(() => resolve(seen));
    };
    const onEnd = (): void => finish(() => resolve(seen === '' ? null : seen));
    const onError = (error: Error): void => finish(() => reject(error));
    stderr.write(question);
    stdin.on('data', onData).on('end', onEnd).on('error', onError);
    stdin.resume();
  });

/** Whether a person types `yes` to a question; everything else, and no answer, is a no. */
export const askYes = async (
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  question: string,
): Promise<boolean> => (await askLine(stdin, stderr, question))?.trim().toLowerCase() === 'yes';
