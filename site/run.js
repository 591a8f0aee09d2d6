// run.js - runs the program on a recording: each time a fresh instance, so that a run leaves nothing behind.
"use strict";

const SMTPSEQ_PIECE = 1 << 20; // octets of a file that are in memory at a time, and of what is written

let smtpseqCompiled;

function smtpseqOctets(base64) {
  const text = atob(base64), octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i);
  return octets;
}

function smtpseqUnpacked(octets) {
  return new Response(new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

function smtpseqReady() {
  smtpseqCompiled ??= smtpseqUnpacked(smtpseqOctets(smtpseqBinary)).then(WebAssembly.compile);
  return smtpseqCompiled;
}

// What the program writes. The browser may keep a blob's parts on its disk.
class Written {
  constructor() {
    this.parts = [];
    this.piece = new Uint8Array(SMTPSEQ_PIECE);
    this.size = 0;
  }
  add(octets) {
    for (let at = 0; at < octets.length;) {
      const part = octets.subarray(at, at + this.piece.length - this.size);
      this.piece.set(part, this.size);
      this.size += part.length;
      at += part.length;
      if (this.size === this.piece.length) this.end();
    }
  }
  end() {
    this.parts.push(new Blob([this.piece.subarray(0, this.size)]));
    this.size = 0;
  }
  all() {
    this.end();
    return new Blob(this.parts, { type: "text/plain" });
  }
}

// Lets the program read a blob piece by piece; onRead is told how many octets it has read.
function smtpseqLend(FS, path, blob, onRead) {
  FS.writeFile(path, "");
  const node = FS.lookupPath(path).node, reader = new FileReaderSync();
  let begin = 0, piece = new Uint8Array(0);
  function load(position) {
    try {
      piece = new Uint8Array(reader.readAsArrayBuffer(blob.slice(position, position + SMTPSEQ_PIECE)));
    } catch {
      throw new FS.ErrnoError(29); // EIO: the file has changed
    }
    begin = position;
    onRead(begin + piece.length);
  }
  function read(stream, room, at, size, position) {
    if (position >= blob.size) return 0;
    if (position < begin || position >= begin + piece.length) load(position);
    const part = piece.subarray(position - begin, position - begin + size);
    room.set(part, at);
    return part.length;
  }
  node.usedBytes = blob.size;
  node.stream_ops = { ...node.stream_ops, read };
}

function smtpseqMakeFolders(FS, path) {
  path.split("/").slice(0, -1).reduce((folder, name) => {
    const inner = folder + name;
    if (!FS.analyzePath(inner).exists) FS.mkdir(inner);
    return inner + "/";
  }, "");
}

// Resolves to the exit status and what was written to standard output and standard error, two blobs. files: the content of
// each by its path, octets or, in a worker, blobs.
async function smtpseqRun(words, files, onRead) {
  const compiled = await smtpseqReady(), out = new Written(), errors = new Written();
  const program = await smtpseqModule({
    instantiateWasm(imports, use) {
      WebAssembly.instantiate(compiled, imports).then((instance) => use(instance));
      return {};
    },
    stdin: () => null,
    stdout() {},
    stderr() {},
    quit(status, reason) {
      throw reason;
    },
  });
  const { FS } = program;
  [out, errors].forEach((written, number) => {
    const stream = FS.getStream(number + 1);
    const write = (_, octets, at, size) => {
      written.add(octets.subarray(at, at + size));
      return size;
    };
    stream.stream_ops = { ...stream.stream_ops, write };
  });
  FS.mkdir("/recordings");
  FS.chdir("/recordings");
  for (const [path, content] of Object.entries(files)) {
    smtpseqMakeFolders(FS, path);
    if (content instanceof Blob) smtpseqLend(FS, path, content, onRead);
    else FS.writeFile(path, content);
  }
  const status = program.callMain(words);
  return { status, out: out.all(), errors: errors.all() };
}
