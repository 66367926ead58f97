// What a crashed stage said last, as its error quotes it: people of a project read it, and this machine is not theirs.

/** Lines that are quoted: the message and the first frames of its stack; the attempt's log holds all. */
const quotedLines = 12;
const quotedCharacters = 1500;

/** An absolute path of two names or more; not the middle of an address, a relative path or a module name. */
const absolutePath = /(?<![\w@./:-])(?:file:\/\/)?(?:\/[^\s/:'"`()[\]]+){2,}/g;

/** The last lines of `stderr` with absolute paths cut to their last two names. */
export function quoteStderr(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const quoted = lines.slice(-quotedLines).join('\n').slice(-quotedCharacters);
  return quoted.replace(absolutePath, (path) => {
    const names = path
      .replace(/^file:\/\//, '')
      .split('/')
      .slice(1);
    return `…/${names.slice(names.length > 2 ? -2 : -1).join('/')}`;
  });
}
