// Fails a test of node:test whose SMTP client sent commands out of order. README.md says how to use it.
'use strict';

const {spawnSync} = require('node:child_process');
const util = require('node:util');

const LEVELS = {note: 0, warning: 1, error: 2, never: 3};

/** Returns the findings of smtpseq about the lines of a log. */
function check(lines, {program = 'smtpseq', servers = '', format = 'auto'} = {}) {
    const words = ['check', '--isolated', '--fail-on=never', '--format=ndjson', `--input-format=${format}`];
    if (servers) {
        words.push(`--server=${servers}`);
    }
    const done = spawnSync(program, [...words, '-'], {input: lines.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 30});
    if (done.error) {
        throw done.error;
    }
    if (done.status === 2 && !done.stderr.includes('no SMTP session')) {
        throw new Error(done.stderr.trim());
    }
    return done.stdout.split('\n').filter(Boolean).map(line => JSON.parse(line)).filter(row => row.type === 'finding');
}

/** A finding as text. */
function describe(finding) {
    const reply = finding.reply ? `${finding.reply.code} ${finding.reply.text}` : 'no reply';
    return `${finding.message} [${finding.rule}]\n    ${finding.command} in state ${finding.state}: ${reply}\n    ${finding.help}`;
}

/** Throws if the lines hold a fault. */
function assertInOrder(lines, options = {}) {
    const {failOn = 'error', allow = []} = options;
    const faults = check(lines, options).filter(finding => LEVELS[finding.severity] >= LEVELS[failOn] && !allow.includes(finding.rule));
    if (faults.length > 0) {
        throw new Error('SMTP commands out of order:\n' + faults.map(describe).join('\n'));
    }
}

/** Returns a logger for nodemailer's createTransport (with debug: true); what it has heard is judged after the test. */
function logger(t, options = {}) {
    const lines = [];
    const level = name => (entry, message, ...words) =>
        lines.push(JSON.stringify({level: name, ...entry, msg: util.format(message, ...words)}));
    t.after(() => {
        if (lines.length > 0) {
            assertInOrder(lines, {...options, format: 'nodemailer-json'});
        }
    });
    return Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map(name => [name, level(name)]));
}

module.exports = {check, assertInOrder, logger};
