// same.js PROGRAM.js FOLDER: runs the program for browsers; each line of input is a JSON array of words, the rest of FOLDER's
// files are given by path. Writes for each line a JSON object: the exit status, and both outputs in base64.
"use strict";

const fs = require("fs"), vm = require("vm"), readline = require("readline");
const [, , program, folder] = process.argv;
globalThis.require = require;
globalThis.__filename = program;
globalThis.__dirname = folder;
const run = vm.runInThisContext(`${fs.readFileSync(program, "utf8")};smtpseqRun`, { filename: program });

(async () => {
  process.chdir(folder);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { words, files } = JSON.parse(line);
    const { status, out, errors } = await run([...words, ...files], Object.fromEntries(files.map((path) => [path, fs.readFileSync(path)])));
    // Each run leaves some, which would keep its memory.
    for (const event of ["uncaughtException", "unhandledRejection"]) process.removeAllListeners(event);
    const text = async (blob) => Buffer.from(await blob.arrayBuffer()).toString("base64");
    process.stdout.write(JSON.stringify({ status, out: await text(out), errors: await text(errors) }) + "\n");
  }
})();
