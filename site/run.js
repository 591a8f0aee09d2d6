// run.js - runs the program on a recording: each time a fresh instance, so that a run leaves nothing behind.
"use strict";

let smtpseqCompiled;

function smtpseqOctets(base64) {
  const text = atob(base64), octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i);
  return octets;
}

function smtpseqUnpacked(octets) {
  return new Response(new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

// What the program writes, octet by octet.
class Written {
  constructor() {
    this.octets = new Uint8Array(65536);
    this.size = 0;
  }
  add(octet) {
    if (octet === null) return;
    if (this.size === this.octets.length) {
      const larger = new Uint8Array(2 * this.size);
      larger.set(this.octets);
      this.octets = larger;
    }
    this.octets[this.size++] = octet & 255;
  }
  all() {
    return this.octets.subarray(0, this.size);
  }
}

// Resolves to the exit status and what was written to standard output and standard error. files: the content of each by its path.
async function smtpseqRun(words, files) {
  smtpseqCompiled ??= smtpseqUnpacked(smtpseqOctets(smtpseqBinary)).then(WebAssembly.compile);
  const compiled = await smtpseqCompiled, out = new Written(), errors = new Written();
  const program = await smtpseqModule({
    instantiateWasm(imports, use) {
      WebAssembly.instantiate(compiled, imports).then((instance) => use(instance));
      return {};
    },
    stdin: () => null,
    stdout: (octet) => out.add(octet),
    stderr: (octet) => errors.add(octet),
    quit(status, reason) {
      throw reason;
    },
  });
  const { FS } = program;
  FS.mkdir("/recordings");
  FS.chdir("/recordings");
  for (const [path, octets] of Object.entries(files)) {
    path.split("/").slice(0, -1).reduce((folder, name) => {
      const inner = folder + name;
      if (!FS.analyzePath(inner).exists) FS.mkdir(inner);
      return inner + "/";
    }, "");
    FS.writeFile(path, octets);
  }
  const status = program.callMain(words);
  return { status, out: out.all(), errors: errors.all() };
}
