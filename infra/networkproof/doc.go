// Package networkproof holds the proof of the network engine as it is
// deployed: real state machines, real function binaries, the real SDK, a local
// AWS that misbehaves. It has tests only; design.md says what they show.
package networkproof
