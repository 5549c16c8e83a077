package main

import (
	"os"
	"time"
)

// main hands everything that belongs to the process to run.
func main() {
	os.Exit(run(process{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv, now: time.Now,
	}))
}
