// worker.js - runs the program on recordings one after the other, away from the page.
"use strict";

smtpseqReady();

// The catalogue of a language, where the program looks for it.
async function filesOf({ language, packed }) {
  return { [`../usr/share/locale/${language}/LC_MESSAGES/smtpseq.mo`]: new Uint8Array(await smtpseqUnpacked(smtpseqOctets(packed))) };
}

onmessage = async ({ data: { number, words, name, blob, catalogue } }) => {
  try {
    const onRead = (read) => postMessage({ number, read });
    const files = { [name]: blob, ...(catalogue ? await filesOf(catalogue) : {}) };
    const { status, out, errors } = await smtpseqRun([...words, "--", name], files, onRead);
    postMessage({ number, status, out, errors: await errors.text() });
  } catch (error) {
    postMessage({ number, status: 2, out: new Blob(), errors: `The checker failed: ${error}` });
  }
};
