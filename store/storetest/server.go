// Package storetest holds the contract of the store as one exercise, to be run
// against every server that it may stand on, and the real servers to run it on.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Full says whether a missing tool is a failure rather than a reason to skip.
func Full() bool { return os.Getenv("FRONTDOOR_TEST") == "full" }

// Tool finds a program, or skips the test and says so.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && Full() {
		t.Fatalf("%s is not installed, and FRONTDOOR_TEST=full needs it", name)
	}
	if err != nil {
		t.Skipf("skipped: %s is not installed", name)
	}
	return path
}

// startTime bounds how long a server may take to answer.
const startTime = 20 * time.Second

// Server is a real redis-server of this test, durable as in production: every
// write is on disk before it is answered.
type Server struct {
	t       testing.TB
	program string
	folder  string
	args    []string
	under   []string // what runs the program, and its arguments
	process *exec.Cmd
	// URL is its address, a socket in the test's folder.
	URL string
}

// Start starts a server, which ends with the test.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	return start(t, nil, args)
}

// Cramped is Start on a disk on which no file can grow over so many KiB. What is
// written beyond is refused by the system, as on a disk that is full.
func Cramped(t testing.TB, kib int, args ...string) *Server {
	t.Helper()
	limit := fmt.Sprintf("trap '' XFSZ; ulimit -f %d; exec \"$0\" \"$@\"", 2*kib)
	return start(t, []string{Tool(t, "sh"), "-c", limit}, args)
}

// start starts a server that something else may run.
func start(t testing.TB, under, args []string) *Server {
	t.Helper()
	s := &Server{t: t, program: Tool(t, "redis-server"), folder: shortFolder(t), args: args, under: under}
	s.URL = "unix://" + filepath.Join(s.folder, "redis.sock")
	t.Cleanup(s.Kill)
	s.Again()
	return s
}

// shortFolder is a folder whose path is short enough for a socket's name.
func shortFolder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "fd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// Again starts the server on the data that it left.
func (s *Server) Again() {
	s.t.Helper()
	args := append([]string{s.program, "--port", "0", "--unixsocket", filepath.Join(s.folder, "redis.sock"), "--dir", s.folder,
		"--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction"}, s.args...)
	args = append(slices.Clone(s.under), args...)
	s.process = run(s.t, args[0], args[1:]...)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(s.folder, "redis.sock"), MaxRetries: -1})
	defer closeClient(s.t, client)
	Eventually(s.t, "redis-server answers", func(ctx context.Context) error { return client.Ping(ctx).Err() })
}

// Do gives the server a command of the test's own, and returns its answer.
func (s *Server) Do(command ...any) (any, error) {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(s.folder, "redis.sock"), MaxRetries: -1})
	defer closeClient(s.t, client)
	return client.Do(s.t.Context(), command...).Result()
}

// Holds says whether any file of the server holds these bytes.
func (s *Server) Holds(what []byte) bool {
	s.t.Helper()
	found := false
	err := filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return ignoreGone(err)
		}
		data, err := os.ReadFile(path)
		found = found || bytes.Contains(data, what)
		return ignoreGone(err)
	})
	must(s.t, err)
	return found
}

// ignoreGone drops the error of a file that the server removed meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Kill ends the server as a crash would, with SIGKILL.
func (s *Server) Kill() { kill(s.t, s.process) }

// run starts a program whose output is dropped.
func run(t testing.TB, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(program, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// kill ends a program that run started; a second time does nothing.
func kill(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if cmd == nil || cmd.ProcessState != nil {
		return
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	var ended *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &ended) {
		t.Error(err)
	}
}

// closeClient closes a client of the test's own.
func closeClient(t testing.TB, client redis.UniversalClient) {
	t.Helper()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}

// Eventually waits for something outside the test's control, such as a server
// that starts.
func Eventually(t testing.TB, what string, try func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, err)
		case <-tick.C:
		}
	}
}

// slots is how many a Redis Cluster has.
const slots = 16384

// Cluster starts three masters without replicas and returns the address of the
// cluster.
func Cluster(t testing.TB) string {
	t.Helper()
	program := Tool(t, "redis-server")
	var nodes []node
	var addresses []string
	for range 3 {
		n := clusterNode(t, program)
		nodes = append(nodes, n)
		addresses = append(addresses, "127.0.0.1:"+n.port)
	}
	for i, address := range addresses {
		client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})
		Eventually(t, "a node of the cluster answers", func(ctx context.Context) error { return client.Ping(ctx).Err() })
		must(t, client.ClusterAddSlotsRange(t.Context(), i*slots/3, (i+1)*slots/3-1).Err())
		must(t, client.Do(t.Context(), "CLUSTER", "MEET", "127.0.0.1", nodes[0].port, nodes[0].bus).Err())
		closeClient(t, client)
	}
	for _, address := range addresses {
		client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: -1})
		Eventually(t, "the cluster is whole", func(ctx context.Context) error {
			info, err := client.ClusterInfo(ctx).Result()
			if err == nil && !(strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3")) {
				err = errors.New("not yet")
			}
			return err
		})
		closeClient(t, client)
	}
	return "redis://" + strings.Join(addresses, ",")
}

// node is one server of a cluster: where it listens, and where the others reach
// it.
type node struct{ port, bus string }

// clusterNode starts one node on ports that the kernel picked.
func clusterNode(t testing.TB, program string) node {
	t.Helper()
	n := node{freePort(t), freePort(t)}
	cmd := run(t, program, "--port", n.port, "--cluster-port", n.bus, "--bind", "127.0.0.1", "--dir", shortFolder(t),
		"--cluster-enabled", "yes", "--appendonly", "no", "--save", "", "--cluster-node-timeout", "5000")
	t.Cleanup(func() { kill(t, cmd) })
	return n
}

// freePort is a port that the kernel says is free.
func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, errors.Join(err, listener.Close()))
	return port
}

// must ends the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
