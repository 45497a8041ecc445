package cost

// Work is what something takes of what is priced.
type Work struct {
	APICalls, LambdaCalls, GBSeconds, Transitions   float64
	Writes, Reads, Events, QueueCalls, Mails, LogKB float64
}

// Dollars of work.
func (w Work) Dollars() float64 {
	return w.APICalls*HTTPAPICall + w.LambdaCalls*LambdaCall + w.GBSeconds*LambdaGBSecond + w.Transitions*Transition +
		w.Writes*DynamoDBWrite + w.Reads*DynamoDBRead + w.Events*Event + w.QueueCalls*QueueCall + w.Mails*Mail + w.LogKB/1e6*LogGB
}

// Sizes in kilobytes, each the next whole one of what the code writes: a write
// unit is one, in a transaction two.
const (
	cloudKB   = 2.0
	networkKB = 8.0 // of three zones, complete
	eventKB   = 1.0
	callsKB   = 6.0 // the record of one look's calls
	// An entry of the index that goes is a write, and so is one that comes.
	indexKB = 1.0
)

// Counted is what `make bench` counts of one run.
type Counted struct {
	Transitions, FunctionCalls, GBSeconds float64
	// Updates of the network's item, transactions of a change of state, steps that
	// ended, and records of calls.
	Updates, Transactions, Steps, Records float64
	Reads                                 float64
}

// Work of what was counted. Each change of state is an event, its delivery to the
// mail function three calls of the queue, and a mail to each of two contacts.
func (c Counted) Work() Work {
	changed := (cloudKB+networkKB+eventKB)*2 + 4*indexKB
	return Work{
		APICalls: 1, LambdaCalls: c.FunctionCalls, GBSeconds: c.GBSeconds, Transitions: c.Transitions,
		Writes: c.Updates*networkKB + c.Transactions*changed + c.Steps*eventKB + c.Records*callsKB,
		Reads:  c.Reads * 4, Events: c.Transactions, QueueCalls: c.Transactions * 3, Mails: c.Transactions * 2,
		LogKB: c.FunctionCalls * 2,
	}
}

// Look of the watch at one cloud, and what a month has of them.
const (
	LookMinutes   = 57.0 // an hour apart, spread over its last tenth
	HoursPerMonth = 730.0
	LooksPerMonth = HoursPerMonth * 60 / LookMinutes
	CallsPerLook  = 16
	LookWrites    = networkKB + 2*indexKB + callsKB
	LookReads     = 6.1 // what is due and its item, then the cloud, its network, and that it is not deleted
	CallsKB       = callsKB
	HistoryDays   = 400.0
	// StoredKB of a cloud, without its history.
	StoredKB = cloudKB + networkKB + 1
)

// request at 512 MB: the handler's time and, for each call
// of the table, the five milliseconds that DynamoDB is taken to need.
func request(handlerMS, calls, reads, writes, events float64) Work {
	return Work{
		APICalls: 1, LambdaCalls: 1, GBSeconds: 0.5 * (handlerMS + 5*calls) / 1000, Reads: reads, Writes: writes, Events: events, LogKB: 1,
	}
}

// Get a cloud, List a page of 100, Create and Update one: handler times are
// rounded up from bench/results.md, reads are its units, writes those of a
// transaction of the items and of the event's mark.
func Get() Work    { return request(2, 1, 4, 0, 0) }
func List() Work   { return request(8, 1, 20, 0, 0) }
func Create() Work { return request(10, 4, 20, 2*(cloudKB+1+1+1+eventKB+indexKB)+eventKB+indexKB, 1) }
func Update() Work { return request(3, 2, 4, 2*cloudKB, 0) }
