// Follow the alerts of all exchanges over the live stream, and go on after a break where it was left.
//
// LIVERMORE_KEY=lvm_… node follow_stream.mjs ws://127.0.0.1:8800/api/v1/stream [stream.place [count]]

import { existsSync, readFileSync, writeFileSync } from "node:fs";

const [url, place = "stream.place", count = "Infinity"] = process.argv.slice(2);
const key = process.env.LIVERMORE_KEY;
const FINAL = { 4401: "the key is not taken", 4403: "the key may not listen to alerts" };
const SILENCE = 30_000; // The server says something at least every 8 s.
let left = Number(count);
let pause = 1_000;

if (!url || !key) {
  console.error("needs the address of the stream, and LIVERMORE_KEY in the environment");
  process.exit(2);
}

function tell(alert) {
  console.log(JSON.stringify(alert));
  left -= 1;
}

function hear({ kind, cursor, data }) {
  if (kind === "error") console.error("the server says:", data);
  if (kind === "dropped") console.error("something was lost:", data);
  if (kind === "snapshot") [...data].reverse().forEach(tell); // newest first
  if (kind === "change") tell(data);
  // Remembered after it was told: after a crash the last ones may come again, but none is missed.
  if (cursor) writeFileSync(place, cursor);
}

function follow() {
  const socket = new WebSocket(url);
  let silence;
  const wait = () => {
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), SILENCE);
  };
  socket.onopen = () => {
    const hello = { token: key, subscribe: ["alerts"] };
    if (existsSync(place)) hello.cursors = { alerts: readFileSync(place, "utf8").trim() };
    socket.send(JSON.stringify(hello));
    wait();
  };
  socket.onmessage = (event) => {
    pause = 1_000;
    wait();
    hear(JSON.parse(event.data));
    if (left <= 0) process.exit(0);
  };
  socket.onclose = ({ code }) => {
    clearTimeout(silence);
    if (FINAL[code]) {
      console.error(FINAL[code]);
      process.exit(1);
    }
    console.error(`the stream is away; again in ${pause / 1_000} s`);
    setTimeout(follow, pause);
    pause = Math.min(2 * pause, 30_000);
  };
}

follow();
