"""A framework on the public interface of the package mesoshttp: two tasks, one ends by itself, one is killed.

Arguments: the origin of a master, the user of the tasks. Prints what it saw as one JSON object.
"""
import json
import sys

from mesoshttp.client import MesosClient

TERMINAL = ('TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_LOST', 'TASK_ERROR', 'TASK_DROPPED')
REST = {'filters': {'refuse_seconds': 0}}

client = MesosClient(mesos_urls=[sys.argv[1]], frameworkName='mesoshttp', frameworkUser=sys.argv[2], max_reconnect=1)
client.add_capability('PARTITION_AWARE')
client.add_capability('TASK_KILLING_STATE')
seen = {'frameworkId': None, 'offers': 0, 'updates': [], 'errors': [], 'killed': False}
drivers = []
launched = []


def task(offer, name, command):
    return {
        'name': name,
        'task_id': {'value': name},
        'agent_id': offer['agent_id'],
        'resources': [
            {'name': 'cpus', 'type': 'SCALAR', 'scalar': {'value': 0.1}},
            {'name': 'mem', 'type': 'SCALAR', 'scalar': {'value': 32}},
        ],
        'command': {'value': command},
    }


def subscribed(driver):
    drivers.append(driver)
    seen['frameworkId'] = driver.frameworkId


def offers(offered):
    seen['offers'] += len(offered)
    for offer in offered:
        if launched:
            # Taking no rest keeps offers coming, once a second: the package hands an event on when the next one comes.
            offer.decline(REST)
        else:
            launched.append(True)
            one = offer.get_offer()
            offer.accept([task(one, 'ends', 'sleep 1'), task(one, 'sleeps', 'sleep 600')], REST)


def updated(update):
    status = update['status']
    name, state = status['task_id']['value'], status['state']
    seen['updates'].append([name, state, status.get('message', '')])
    if name == 'sleeps' and state == 'TASK_RUNNING':
        seen['killed'] = drivers[0].kill(status['agent_id']['value'], name)
    if {n for n, s, _ in seen['updates'] if s in TERMINAL} == {'ends', 'sleeps'}:
        client.tearDown()


client.on(MesosClient.SUBSCRIBED, subscribed)
client.on(MesosClient.OFFERS, offers)
client.on(MesosClient.UPDATE, updated)
client.on(MesosClient.ERROR, lambda message: seen['errors'].append(message))
seen['registered'] = client.register()
print(json.dumps(seen))
