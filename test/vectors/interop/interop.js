// Shakes hands with a program that speaks quietline's handshake: this side is
// npm's noise-handshake, with KK and hfs added by the subclass below, and npm's
// mlkem.  Both ways round, every kind, and with each secret wrong.  Prints TAP.
//
//   node interop.js PROGRAM
'use strict'

const { spawn } = require('child_process')
const crypto = require('crypto')
const readline = require('readline')
const Noise = require('noise-handshake')
const curve = require('noise-handshake/dh')
const sodium = require('sodium-universal')
const { createMlKem768 } = require('mlkem')

const NAME = 'Noise_KKpsk0+hfs_25519+MLKEM768_ChaChaPoly_BLAKE2b'
const KINDS = ['boot', 'rekey', 'pouch']
const ROUNDS = 4
const TAG = 16
const E1 = 32 + 1184 + TAG // e, then the sealed KEM key
const EKEM1 = 32 + 1088 + TAG // e, then the sealed KEM ciphertext

// The library's tokens are private symbols; its patterns lend them.
function tokens () {
  const pair = curve.generateKeyPair()
  const psk = Buffer.alloc(32)
  const nn = new Noise('NNpsk0', true, pair, { psk }).handshake
  const ik = new Noise('IK', true, pair).handshake
  const [[PSK, E], [, EE]] = nn
  const [, [, ES, , SS], [, , SE]] = ik
  return { PSK, E, EE, ES, SS, SE }
}

// A sealed KEM key or ciphertext in the middle of a message is, to the library,
// the payload of a first half of that message.
class KKpsk0hfs extends Noise {
  constructor (initiator, pair, psk, kem) {
    super('NNpsk0', initiator, pair, { psk })
    const { PSK, E, EE, ES, SS, SE } = tokens()
    this.kem = kem
    this.protocol = Buffer.from(NAME)
    this.handshake = [[PSK, E, ES], [SS], [E, EE], [SE]]
  }

  initialise (prologue, remoteStatic) {
    super.initialise(prologue)
    this.rs = Buffer.from(remoteStatic)
    const [a, b] = this.initiator
      ? [this.s.publicKey, this.rs]
      : [this.rs, this.s.publicKey]
    this.mixHash(a)
    this.mixHash(b)
  }

  writeFirst () {
    const [publicKey, secretKey] = this.kem.generateKeyPair()
    this.e1 = secretKey
    const front = this.send(Buffer.from(publicKey)) // psk, e, es, e1
    return Buffer.concat([front, this.send()]) // ss
  }

  readFirst (message) {
    this.re1 = this.recv(message.subarray(0, E1))
    return this.recv(message.subarray(E1))
  }

  writeSecond () {
    const [ciphertext, shared] = this.kem.encap(this.re1)
    const front = this.send(Buffer.from(ciphertext)) // e, ee, ekem1
    this.mixKeyNormal(Buffer.from(shared))
    return Buffer.concat([front, this.send()]) // se
  }

  readSecond (message) {
    const ciphertext = this.recv(message.subarray(0, EKEM1))
    this.mixKeyNormal(Buffer.from(this.kem.decap(ciphertext, this.e1)))
    return this.recv(message.subarray(EKEM1))
  }
}

function blake2b (length, key, ...parts) {
  const out = Buffer.alloc(length)
  sodium.crypto_generichash(out, Buffer.concat(parts), key)
  return out
}

function kdf (key, label, ctx = Buffer.alloc(0)) {
  const text = Buffer.from(label)
  return blake2b(32, key, Buffer.from('quietline1'),
    Buffer.from([text.length]), text, ctx)
}

function makePsk (kind, id, secret, continuity) {
  if (kind === 'boot') return kdf(secret, 'boot', continuity)
  if (kind === 'rekey') return kdf(secret, 'rekey')
  return kdf(secret, 'pouch', id)
}

function leaves (noise, kind, initiator) {
  const h = Buffer.from(noise.hash)
  const k1 = initiator ? noise.tx : noise.rx
  const k2 = initiator ? noise.rx : noise.tx
  const master = blake2b(64, Buffer.concat([k1, k2]),
    Buffer.from('quietline/v1 master'), h)
  const continuity = kind === 'pouch'
    ? Buffer.alloc(32)
    : kdf(master, 'continuity')
  return [kdf(master, 'a>b'), kdf(master, 'b>a'), kdf(master, 'export'),
    continuity, h].map(b => b.toString('hex')).join(' ')
}

// The other program, a line at a time; null at its end.
class Peer {
  constructor (program, args) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.stdin.on('error', () => {})
    this.lines = readline.createInterface({ input: this.child.stdout })[
      Symbol.asyncIterator]()
  }

  async read () {
    const { value, done } = await this.lines.next()
    return done ? null : value
  }

  write (bytes) {
    this.child.stdin.write(bytes.toString('hex') + '\n')
  }

  async readKeys () {
    const keys = []
    for (let line; (line = await this.read()) !== null;) keys.push(line)
    return keys.join(' ')
  }

  close () {
    this.child.stdin.end()
    this.child.kill()
  }
}

// spoil: what this side has wrong, or does to the message that it sends.
// Tells what each side ends with.
async function shake (program, kem, kind, weAreA, spoil) {
  const id = crypto.randomBytes(8)
  const transcript = crypto.randomBytes(64)
  const secret = crypto.randomBytes(32)
  const continuity = crypto.randomBytes(32)
  const ours = curve.generateKeyPair()
  const theirs = curve.generateKeyPair()
  const number = id.readBigUInt64LE()
  const peer = new Peer(program, [weAreA ? 'b' : 'a',
    String(KINDS.indexOf(kind)), String(number), transcript.toString('hex'),
    theirs.secretKey.toString('hex'), ours.publicKey.toString('hex'),
    secret.toString('hex'), continuity.toString('hex')])

  if (spoil === 'secret') secret[0] ^= 1
  if (spoil === 'continuity') continuity[31] ^= 128
  if (spoil === 'transcript') transcript[63] ^= 1
  if (spoil === 'static') ours.secretKey[5] ^= 1
  if (spoil === 'id') id[7] ^= 1
  const psk = makePsk(kind, id, secret, continuity)
  const prologue = Buffer.concat([Buffer.from('quietline/v1'), transcript,
    Buffer.from([KINDS.indexOf(kind)]), id])
  const noise = new KKpsk0hfs(weAreA, ours, psk, kem)
  noise.initialise(prologue, theirs.publicKey)

  let mine
  let other
  try {
    const incoming = async () => {
      const line = await peer.read()
      if (line === 'refused') other = line
      return Buffer.from(line, 'hex')
    }
    const outgoing = message => {
      if (spoil === 'message') message[message.length >> 1] ^= 4
      peer.write(message)
    }
    if (weAreA) {
      outgoing(noise.writeFirst())
      noise.readSecond(await incoming())
    } else {
      noise.readFirst(await incoming())
      outgoing(noise.writeSecond())
    }
    mine = leaves(noise, kind, weAreA)
  } catch (error) {
    mine = 'refused'
    peer.child.stdin.end()
  }
  other ??= await peer.readKeys()
  peer.close()
  return { mine, other }
}

async function main () {
  const program = process.argv[2]
  const kem = await createMlKem768()
  let count = 0
  let failed = 0
  const say = (ok, name) => {
    count++
    if (!ok) failed++
    console.log(`${ok ? 'ok' : 'not ok'} ${count} - ${name}`)
  }

  for (const kind of KINDS) {
    for (const weAreA of [true, false]) {
      const who = weAreA ? 'npm opens' : 'npm answers'
      for (let i = 0; i < ROUNDS; i++) {
        const { mine, other } = await shake(program, kem, kind, weAreA)
        say(mine === other && mine !== 'refused',
          `${kind}, ${who}: both have the same keys, ${i + 1}`)
      }
      const spoils = ['secret', 'transcript', 'static', 'id', 'message']
      if (kind === 'boot') spoils.push('continuity')
      for (const spoil of spoils) {
        const { mine, other } = await shake(program, kem, kind, weAreA, spoil)
        // Whoever hears first that something is wrong is silent.
        const refuser = weAreA || spoil === 'message' ? other : mine
        say(refuser === 'refused',
          `${kind}, ${who}: another ${spoil} is refused`)
      }
    }
  }
  console.log(`1..${count}`)
  process.exitCode = failed ? 1 : 0
}

main()
