// worker.js - checks recordings one after the other, away from the page.
"use strict";

onmessage = async ({ data: { number, words, name, octets } }) => {
  try {
    const { status, out, errors } = await smtpseqRun([...words, "--", name], { [name]: octets });
    const decoder = new TextDecoder();
    postMessage({ number, status, out: decoder.decode(out), errors: decoder.decode(errors) });
  } catch (error) {
    postMessage({ number, status: 2, out: "", errors: `The checker failed: ${error}` });
  }
};
