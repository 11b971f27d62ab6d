#!/usr/bin/env node
// The only file that an old Node reads, so it is written in what every Node since 4 can parse: no arrow functions,
// no templates, no `import()`. The program itself is an ES module, which require() loads from Node 22.12 on.

function isTooOld(version: string): boolean {
  const parts = version.split('.');
  const major = Number(parts[0]);
  return major < 22 || (major === 22 && Number(parts[1]) < 19);
}

if (isTooOld(process.versions.node)) {
  process.stderr.write(
    'ccr-tui: needs Node.js 22.19 or newer; this is ' + process.version + ' (' + process.execPath + ')\n',
  );
  process.exitCode = 1;
} else {
  require('./cli.js').main(process);
}
