package main_test

import data.main

test_a_team_is_wanted if main.deny_team with input as {"metadata": {}}
