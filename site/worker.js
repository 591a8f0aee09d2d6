// worker.js - runs the program on recordings one after the other, away from the page.
"use strict";

smtpseqReady();

onmessage = async ({ data: { number, words, name, blob } }) => {
  try {
    const onRead = (read) => postMessage({ number, read });
    const { status, out, errors } = await smtpseqRun([...words, "--", name], { [name]: blob }, onRead);
    postMessage({ number, status, out, errors: await errors.text() });
  } catch (error) {
    postMessage({ number, status: 2, out: new Blob(), errors: `The checker failed: ${error}` });
  }
};
