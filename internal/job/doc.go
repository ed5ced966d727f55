// Package job does work later, and does not forget it: webhooks to deliver, Items to refresh.
//
// A job is a row that is written in the caller's transaction ([Kind.Enqueue]): if that is rolled back there is no job, and
// once it is committed the job is done, however often servers are killed. A [Queue] takes jobs that are due, hands each to
// the worker of its kind and keeps its lease alive. What the worker returns decides what becomes of the job:
//
//	nil               it is done, and its row goes
//	NotBefore(t)      it waits until t; this does not count as an attempt
//	GiveUp(err)       it is dead at once
//	any other error   it is tried again after a growing time, and is dead after the last attempt
//
// A panic is an error. Dead jobs stay listed until someone retries or discards them.
//
// A worker may run more than once for one job: its server may be killed, or stand still until its lease has ended. A worker
// whose effect is rows in the database therefore completes the job in the transaction that writes them, with [CompleteTx]: it
// fails with [ErrLost] where another server has the job by now. Effects elsewhere, such as a delivered webhook, happen at
// least once.
//
// A job with a key that is asked for often need not be taken each time: its worker waits a while for more ([Job.More]).
//
// Jobs of one kind and lane run one after another in the order in which their transactions enqueued them; one that fails
// holds up its lane and no other. A periodic kind has one row, and so one run a period, however many servers there are.
//
// Arguments and error texts are kept in plain: neither may hold a secret.
package job
