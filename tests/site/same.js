// same.js PROGRAM.js FOLDER: runs the program for browsers; each line of input is a JSON array of words, the rest of FOLDER's
// files are given by path. Writes for each line a JSON object: the exit status, and both outputs in base64.
"use strict";

const fs = require("fs"), vm = require("vm"), readline = require("readline");
const [, , program, folder] = process.argv;
process.setMaxListeners(0); // each run adds some
globalThis.require = require;
globalThis.__filename = program;
globalThis.__dirname = folder;
const run = vm.runInThisContext(`${fs.readFileSync(program, "utf8")};smtpseqRun`, { filename: program });

(async () => {
  process.chdir(folder);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { words, files } = JSON.parse(line);
    const { status, out, errors } = await run([...words, ...files], Object.fromEntries(files.map((path) => [path, fs.readFileSync(path)])));
    const text = (octets) => Buffer.from(octets).toString("base64");
    process.stdout.write(JSON.stringify({ status, out: text(out), errors: text(errors) }) + "\n");
  }
})();
