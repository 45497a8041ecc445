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

// Sizes in kilobytes, rounded up: a write unit is one, in a transaction two.
const (
	cloudKB   = 2.0
	networkKB = 8.0 // of three zones, complete
	eventKB   = 1.0
	callsKB   = 6.0 // the record of one look's calls
	// An entry of the index that goes is a write, and so is one that comes.
	indexKB = 1.0
)

const functionGB = 0.5

// changed is the write units of a change of state with its event, in one
// transaction: into the index comes the event, and there the cloud's entry moves.
const changed = (cloudKB+networkKB+eventKB)*2 + 3*indexKB*2

// Counted is what `make bench` counts of one run.
type Counted struct {
	// FunctionSeconds are counted as at 512 MB: the function transition has 256.
	Transitions, FunctionCalls, FunctionSeconds float64
	// Updates of the network's item, transactions of a change of state, puts of
	// steps that ended and of records of calls.
	Updates, Transactions, Puts, Reads float64
}

// steps of a network of three zones, a NAT gateway in each: a run puts each once,
// when it ends. Its other puts are records of calls.
const steps = 38

// queueCalls deliver an event to the mail function.
const queueCalls = 3

// Work of a run and of the request that started it. Each change of state is an
// event; only the last one is mailed, to each of two contacts.
func (c Counted) Work() Work {
	// It reads the cloud, writes its change of state, marks the event published,
	// and calls Step Functions and EventBridge.
	w := Request{HandlerMS: 10, Calls: 5, Reads: 4, Writes: changed + eventKB + indexKB, Events: 1}.Work()
	w.Transitions = c.Transitions
	w.LambdaCalls += c.FunctionCalls
	w.GBSeconds += c.FunctionSeconds * functionGB
	w.Writes += c.Updates*networkKB + c.Transactions*changed + steps*eventKB + (c.Puts-steps)*callsKB
	w.Reads += c.Reads * 4
	w.Events += c.Transactions
	w.QueueCalls += c.Transactions * queueCalls
	w.Mails = 2
	w.LogKB += c.FunctionCalls * 2
	return w
}

// Request is what `make bench` counts of one request of the API: the handler's
// time where calls are answered at once, its SDK calls, and units of the table.
type Request struct {
	// Name is the one that the results have it by.
	Name                            string
	HandlerMS, Calls, Reads, Writes float64
	Events                          float64
	// Index are write units that the benchmark's table does not count: what comes
	// into an index or goes out of it, in a transaction taken twice. They are of the
	// code, not of the results.
	Index float64
}

// Work of it at 512 MB: the handler's time and, for each call of AWS, the five
// milliseconds that it is taken to need.
func (r Request) Work() Work {
	return Work{
		APICalls: 1, LambdaCalls: 1, GBSeconds: functionGB * (r.HandlerMS + 5*r.Calls) / 1000,
		Reads: r.Reads, Writes: r.Writes + r.Index, Events: r.Events, QueueCalls: r.Events * queueCalls, LogKB: 1,
	}
}
