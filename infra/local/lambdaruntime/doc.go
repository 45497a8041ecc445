// Package lambdaruntime runs a function's binary over the Lambda runtime API,
// as Lambda does: one invocation at a time, in a process that stays warm. The
// local AWS and local invoke are its callers.
package lambdaruntime
