package main

deny_team contains "there is no team" if not input.metadata.labels.team
