// Package session is one person's way through Link: a state that is stored after each step, and a pure function that leads
// from a state and what happens (a person's action, a bank's answer) to the next state, the events that the client is told of,
// and the work that is to be done before the person can go on ([Effect]). It asks no bank and writes no Item; package flow
// does that with the effects.
//
// What a person is shown follows from the state alone ([View]), so a page that is loaded anew shows where they were.
package session
